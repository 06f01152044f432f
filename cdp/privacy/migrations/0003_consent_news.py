"""Words become news: each tells the transaction that made it the current one. Those that are there already do not."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_last_at_and_first_purposes")]
    operations = [
        # Two steps: a constant is added at once, whatever the size of the table.
        migrations.AddField("consent", "xact_id", models.BigIntegerField(db_default=0)),
        migrations.AlterField(
            "consent",
            "xact_id",
            models.BigIntegerField(
                db_default=django.db.models.expressions.RawSQL("(pg_current_xact_id()::text::bigint)", [])
            ),
        ),
        migrations.AddIndex("consent", models.Index(fields=["xact_id", "id"], name="consent_news")),
    ]
