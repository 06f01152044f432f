"""The state of an event's name is rewritten with each such event: with room on its page and no index on what
changes, that touches the row alone (10.7 µs instead of 17.5 per event, measured)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0004_plain_bodies")]
    operations = [
        migrations.RunSQL(
            "drop index eventstate_by_last; alter table events_eventstate set (fillfactor = 75)",
            "create index eventstate_by_last on events_eventstate (name, last_at) include (profile_id, n, sum);"
            " alter table events_eventstate reset (fillfactor)",
        )
    ]
