import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_identity_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("same", "Merged"),
                            ("different", "Not the same"),
                            ("later", "Put off"),
                            ("split", "Split"),
                            ("unmerged", "Un-merged"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sides", models.JSONField(default=list)),
                ("before", models.JSONField(default=list)),
                (
                    "profile_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "merge_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("separation_id", models.BigIntegerField(null=True)),
                ("was_apart", models.BooleanField(default=False)),
                ("job_id", models.BigIntegerField(null=True)),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at"], name="decision_newest"),
                    models.Index(fields=["by", "-id"], name="decision_by_whom"),
                    models.Index(fields=["job_id"], name="decision_by_job"),
                    django.contrib.postgres.indexes.GinIndex(fields=["merge_ids"], name="decision_by_merge"),
                ],
            },
        ),
    ]
