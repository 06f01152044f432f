"""Every report about an order: what its row, and the worth of each report, are computed from."""

from django.db import migrations, models

REPORTS = """
create table events_orderreport (
    profile_id bigint not null, occurred_at timestamptz not null, message_id text not null, source_id bigint not null,
    record_id bigint not null, order_id text not null, kind text not null, amount numeric(14, 2),
    refund_id text not null default '', value numeric(14, 2),
    primary key (profile_id, occurred_at, message_id, source_id)
);
-- all reports of an order, whoever they came from
create index orderreport_by_order on events_orderreport (order_id);
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_store")]
    operations = [
        migrations.RunSQL(
            REPORTS,
            "drop table events_orderreport",
            state_operations=[
                migrations.CreateModel(
                    name="OrderReport",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "profile_id",
                                "occurred_at",
                                "message_id",
                                "source_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("profile_id", models.BigIntegerField()),
                        ("occurred_at", models.DateTimeField()),
                        ("message_id", models.TextField()),
                        ("source_id", models.BigIntegerField()),
                        ("record_id", models.BigIntegerField()),
                        ("order_id", models.TextField()),
                        ("kind", models.TextField()),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                        ("refund_id", models.TextField()),
                        ("value", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ],
                    options={"db_table": "events_orderreport", "managed": False},
                )
            ],
        )
    ]
