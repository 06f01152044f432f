from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_likeness"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentitySnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("took_ms", models.IntegerField()),
                ("people", models.BigIntegerField()),
                ("records", models.BigIntegerField()),
                ("merges_24h", models.IntegerField()),
                ("usual_merges", models.FloatField()),
                ("is_alarm", models.BooleanField(default=False)),
                ("strays", models.BigIntegerField()),
                ("figures", models.JSONField()),
            ],
            options={
                "indexes": [models.Index(fields=["-at"], name="identitysnapshot_newest")],
            },
        ),
    ]
