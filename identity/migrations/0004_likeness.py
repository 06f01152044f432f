from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_decision"),
    ]

    operations = [
        # Nothing has written keys yet; ten of them per record need no id of their own.
        migrations.DeleteModel(name="BlockKey"),
        migrations.CreateModel(
            name="BlockKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "record_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BigIntegerField()),
                ("record_id", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["record_id"], name="blockkey_by_record")]},
        ),
        migrations.AddField(model_name="candidate", name="is_audit", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="candidate", name="is_exact", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="candidate", name="may_merge", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="waiting", name="is_held", field=models.BooleanField(default=False)),
        migrations.AlterField(
            model_name="candidate",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waiting"),
                    ("later", "Put off"),
                    ("linked", "Linked by itself"),
                    ("left", "Left alone"),
                    ("same", "One person"),
                    ("different", "Not the same"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", False)), fields=["-decided_at"], name="candidate_decided"
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(condition=models.Q(("is_audit", True)), fields=["id"], name="candidate_audit"),
        ),
        migrations.AddIndex(
            model_name="waiting",
            index=models.Index(condition=models.Q(("is_held", False)), fields=["id"], name="waiting_queue"),
        ),
    ]
