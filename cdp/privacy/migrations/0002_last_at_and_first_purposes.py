"""A repeated word extends its row; and the purposes most shops begin with."""

from django.db import migrations, models
from django.db.models import F

FIRST = [
    ("analytics", "Analytics", "Counting visits and improving the shop.", False),
    ("advertising", "Advertising", "Showing advertisements elsewhere; selling or sharing data.", True),
    ("email-marketing", "E-mail marketing", "Writing to people by e-mail.", False),
    ("sms-marketing", "Text marketing", "Writing to people by text message.", False),
]


def add_purposes(apps, schema_editor):
    purpose = apps.get_model("privacy", "Purpose")
    for key, name, description, by_gpc in FIRST:
        purpose.objects.get_or_create(
            key=key, defaults={"name": name, "description": description, "is_denied_by_gpc": by_gpc}
        )


def fill_last_at(apps, schema_editor):
    apps.get_model("privacy", "Consent").objects.filter(last_at=None).update(last_at=F("at"))


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [
        migrations.AddField("consent", "last_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill_last_at, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("consent", "last_at", models.DateTimeField()),
        migrations.RunPython(add_purposes, migrations.RunPython.noop),
    ]
