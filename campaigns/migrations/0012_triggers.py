import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_plan"),
    ]

    operations = [
        migrations.CreateModel(
            name="Listening",
            fields=[
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="listening",
                        serialize=False,
                        to="campaigns.campaign",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("xact_id", models.BigIntegerField()),
                ("is_caught_up", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True)),
                ("failed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Triggered",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "campaign_id", "occurrence", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("campaign_id", models.BigIntegerField()),
                ("occurrence", models.CharField(max_length=200)),
                ("profile_id", models.BigIntegerField()),
                ("record_id", models.BigIntegerField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("started", "started it"), ("again", "started nothing: the person had it before")],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["profile_id", "campaign_id", "at"], name="triggered_person"),
                    models.Index(fields=["campaign_id", "-noted_at"], name="triggered_newest"),
                ],
            },
        ),
    ]
