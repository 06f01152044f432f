from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0005_golden"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(fields=["first_seen_at"], name="profile_by_first_seen"),
        ),
    ]
