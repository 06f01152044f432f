import django.db.models.deletion
from django.db import migrations, models

OF_CAMPAIGN = """
update campaigns_mailboxmessage m set campaign_id = d.campaign_id from campaigns_delivery d where d.ref = m.ref
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_check"), ("campaigns", "0005_offers"), ("campaigns", "0008_library")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="campaigns.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="mailboxmessage",
            name="campaign_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunSQL(OF_CAMPAIGN, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="mailboxmessage",
            index=models.Index(fields=["campaign_id", "-at", "-ref"], name="mailbox_of_campaign"),
        ),
        migrations.AddIndex(
            model_name="mailboxmessage",
            index=models.Index(condition=models.Q(("is_test", True)), fields=["-at", "-ref"], name="mailbox_tests"),
        ),
    ]
