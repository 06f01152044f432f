import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0013_tracking"),
    ]

    operations = [
        migrations.CreateModel(
            name="SenderDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=253, unique=True)),
                ("found", models.JSONField(blank=True, default=list)),
                ("checked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="hook",
            field=models.CharField(blank=True, max_length=43),
        ),
        migrations.CreateModel(
            name="Sender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("address", models.CharField(max_length=254, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="senders", to="campaigns.senderdomain"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DomainKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("selector", models.CharField(max_length=63)),
                ("private", models.BinaryField()),
                ("public", models.TextField()),
                ("signs_since", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="campaigns.senderdomain"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("domain", "selector"), name="one_key_of_a_selector"),
                    models.UniqueConstraint(
                        condition=models.Q(("signs_since__isnull", False)), fields=("domain",), name="one_key_signs"
                    ),
                ],
            },
        ),
    ]
