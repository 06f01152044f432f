import django.db.models.deletion
from django.db import migrations, models

SLOTS = (
    "update campaigns_delivery set claimed_at = settled_at"
    " where state in ('accepted', 'unknown') and claimed_at is null and settled_at is not null"
)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0014_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateBucket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.TextField(blank=True)),
                ("tokens", models.FloatField()),
                ("at", models.DateTimeField()),
                ("queued_until", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="delivery",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="delivery",
            name="verdict",
            field=models.CharField(
                blank=True, choices=[("left", "left as it is"), ("again", "sent again")], db_default="", max_length=5
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("claimed_at__isnull", False)),
                fields=["profile_id", "claimed_at"],
                name="delivery_slots",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "unknown")), fields=["-settled_at", "-ref"], name="delivery_unknown"
            ),
        ),
        migrations.AddField(
            model_name="ratebucket",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.account"
            ),
        ),
        migrations.AddIndex(
            model_name="ratebucket",
            index=models.Index(fields=["at"], name="rate_bucket_by_age"),
        ),
        migrations.AddConstraint(
            model_name="ratebucket",
            constraint=models.UniqueConstraint(fields=("account", "domain"), name="rate_bucket"),
        ),
        migrations.RunSQL(SLOTS, migrations.RunSQL.noop),
    ]
