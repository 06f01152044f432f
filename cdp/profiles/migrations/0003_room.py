"""Room on each page for updates of the same rows: those that change no indexed column then touch no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0002_last_seen_on")]
    operations = [
        migrations.RunSQL(
            "alter table profiles_profile set (fillfactor = 75); alter table profiles_record set (fillfactor = 75)",
            "alter table profiles_profile reset (fillfactor); alter table profiles_record reset (fillfactor)",
        )
    ]
