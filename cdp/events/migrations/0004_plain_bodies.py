"""Bodies live for seconds: compressing them (pglz, where PostgreSQL has no lz4) costs more than writing them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0003_orders")]
    operations = [
        migrations.RunSQL(
            "alter table events_inboxbatch alter column body set storage external",
            "alter table events_inboxbatch alter column body set storage extended",
        )
    ]
