import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_content"),
        ("common", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.JSONField()),
                ("modules", models.JSONField(default=dict)),
                ("fingerprint", models.CharField(max_length=64)),
                ("segment_version", models.PositiveIntegerField()),
                ("as_of", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("people", models.BigIntegerField(default=0)),
                ("reached", models.BigIntegerField(default=0)),
                ("errors", models.PositiveIntegerField(default=0)),
                ("warnings", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="common.job",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CheckLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("n", models.PositiveIntegerField()),
                ("ids", models.BinaryField()),
                ("notes", models.JSONField(default=dict)),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lots",
                        to="campaigns.check",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CheckMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("n", models.PositiveIntegerField()),
                ("bits", models.BinaryField()),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="campaigns.checklot",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["campaign", "-id"], name="check_newest"),
        ),
        migrations.AddConstraint(
            model_name="checklot",
            constraint=models.UniqueConstraint(fields=("parent", "number"), name="check_lot"),
        ),
        migrations.AddConstraint(
            model_name="checkmark",
            constraint=models.UniqueConstraint(fields=("lot", "key"), name="check_mark"),
        ),
    ]
