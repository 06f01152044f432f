from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailboxmessage",
            name="record_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
