from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_session_last_seen")]

    operations = [
        migrations.AddField("user", "start_hidden_at", models.DateTimeField(null=True)),
    ]
