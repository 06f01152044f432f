from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0004_first_versions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="membershipchange",
            index=models.Index(
                condition=models.Q(("kind", "left")),
                fields=["segment_id", "at"],
                name="change_left_at",
            ),
        ),
    ]
