import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Apart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("side", models.SmallIntegerField()),
                ("record_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="BlockKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField()),
                ("record_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_a", models.BigIntegerField()),
                ("record_b", models.BigIntegerField()),
                ("weight", models.FloatField()),
                ("probability", models.FloatField()),
                ("evidence", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting"),
                            ("later", "Put off"),
                            ("linked", "Linked by itself"),
                            ("same", "One person"),
                            ("different", "Not the same"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("model_id", models.BigIntegerField(null=True)),
                ("found_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_a", models.BigIntegerField()),
                ("record_b", models.BigIntegerField()),
                ("kind", models.CharField(choices=[("manual", "By hand"), ("fuzzy", "By likeness")], max_length=10)),
                ("weight", models.FloatField(default=0)),
                ("by", models.CharField(default="system", max_length=200)),
                ("at", models.DateTimeField()),
                ("dropped_for", models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="MatchModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parameters", models.JSONField()),
                ("learned_from", models.JSONField(default=dict)),
                ("quality", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("is_active", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rules", models.JSONField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Separation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("merge_id", models.BigIntegerField(null=True)),
                ("links", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=60)),
                ("value", models.TextField()),
                ("people", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="merge",
            name="by",
            field=models.CharField(default="system", max_length=200),
        ),
        migrations.AddField(
            model_name="merge",
            name="how",
            field=models.CharField(
                choices=[
                    ("exact", "By shared identifiers"),
                    ("fuzzy", "By likeness"),
                    ("manual", "By hand"),
                    ("rules", "By a change of rules"),
                ],
                default="exact",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="record_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="merge",
            name="undone_by",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="merge",
            name="verb",
            field=models.CharField(
                choices=[
                    ("merged", "Merged"),
                    ("unmerged", "Un-merged"),
                    ("split", "Split off"),
                    ("moved", "Records moved"),
                ],
                default="merged",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="winner_record_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["loser_id"], name="merge_by_loser"),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["-at", "-id"], name="merge_newest"),
        ),
        migrations.AddIndex(
            model_name="blockkey",
            index=models.Index(fields=["record_id"], name="blockkey_by_record"),
        ),
        migrations.AddConstraint(
            model_name="blockkey",
            constraint=models.UniqueConstraint(fields=("key", "record_id"), name="blockkey_record"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["state", "-probability", "-id"], name="candidate_queue"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["record_b"], name="candidate_by_b"),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(fields=("record_a", "record_b"), name="candidate_pair"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["record_b"], name="link_by_b"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("record_a", "record_b"), name="link_pair"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("record_a__lt", models.F("record_b"))), name="link_ordered"
            ),
        ),
        migrations.AddField(
            model_name="apart",
            name="separation",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="identity.separation",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(fields=("field", "value"), name="term_value"),
        ),
        migrations.AddIndex(
            model_name="apart",
            index=models.Index(fields=["record_id"], name="apart_by_record"),
        ),
        migrations.AddConstraint(
            model_name="apart",
            constraint=models.UniqueConstraint(fields=("separation", "record_id"), name="apart_once"),
        ),
    ]
