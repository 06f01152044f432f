from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_content")]

    operations = [
        migrations.AddField(
            model_name="templateversion",
            name="kind",
            field=models.CharField(
                choices=[("sitting", "Kept by itself"), ("named", "Kept by name"), ("sent", "As it was sent")],
                default="sitting",
                max_length=10,
            ),
        ),
        migrations.AddField(model_name="templateversion", name="modules", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="templateversion",
            name="begun_at",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
    ]
