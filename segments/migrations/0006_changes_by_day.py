from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside writers: millions of rows may be there."""

    atomic = False
    dependencies = [("segments", "0005_left_at")]
    operations = [
        AddIndexConcurrently(
            "membershipchange", models.Index(fields=["segment_id", "at", "kind"], name="change_by_day")
        ),
    ]
