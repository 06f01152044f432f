from django.db import migrations


def note_first(apps, schema_editor):
    """What every segment is when versions begin to be kept."""
    segments, versions = apps.get_model("segments", "Segment"), apps.get_model("segments", "SegmentVersion")
    kept = set(versions.objects.values_list("segment_id", flat=True))
    versions.objects.bulk_create(
        versions(
            segment_id=one.pk,
            number=one.version,
            name=one.name,
            description=one.description,
            rule=one.rule,
            pace=one.pace,
            cron=one.cron,
            note="As it was when versions began to be kept",
            by_id=one.created_by_id,
            at=one.changed_at,
        )
        for one in segments.objects.exclude(pk__in=kept)
    )


def forget_first(apps, schema_editor):
    """Those that only this migration wrote: going forward again writes them anew."""
    apps.get_model("segments", "SegmentVersion").objects.filter(
        note="As it was when versions began to be kept"
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_versions_lists_paces")]

    operations = [migrations.RunPython(note_first, forget_first)]
