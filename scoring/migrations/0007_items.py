"""Figures per item, what is popular in each segment, and when and how lists are made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0006_timing"),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentFavourites",
            fields=[
                ("segment_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("items", models.JSONField()),
                ("people", models.BigIntegerField()),
                ("computed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="recommending",
            name="schedule",
            field=models.CharField(default="40 2 * * *", max_length=100),
        ),
        migrations.AddField(
            model_name="recommending",
            name="weights",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="recommending",
            name="floor",
            field=models.FloatField(default=0.01),
        ),
        migrations.CreateModel(
            name="ItemFigures",
            fields=[
                ("item_id", models.TextField(primary_key=True, serialize=False)),
                ("category", models.TextField(blank=True)),
                ("brand", models.TextField(blank=True)),
                ("share", models.FloatField()),
                ("in_category", models.FloatField()),
                ("in_group", models.FloatField()),
                ("people", models.BigIntegerField()),
                ("again_share", models.FloatField()),
                ("again_days", models.FloatField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-share"], name="figures_top"),
                    models.Index(fields=["category", "-in_category"], name="figures_of_category"),
                    models.Index(fields=["category", "brand", "-in_group"], name="figures_of_group"),
                ],
            },
        ),
    ]
