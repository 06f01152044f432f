from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="membershipchange",
            name="entered_at",
            field=models.DateTimeField(null=True),
        ),
    ]
