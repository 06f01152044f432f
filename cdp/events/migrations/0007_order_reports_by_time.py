"""Orders that were reported on after a moment: what is known of the past is told without those reports."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0006_valued_state")]
    operations = [
        migrations.RunSQL(
            "create index orderreport_by_time on events_orderreport (occurred_at)", "drop index orderreport_by_time"
        )
    ]
