"""What started triggered campaigns, and since when they listen."""

from django.db import models


class Listening(models.Model):
    """Of a triggered campaign: what reached us before `since` starts nothing. Pausing and resuming moves it on."""

    campaign = models.OneToOneField(
        "campaigns.Campaign", on_delete=models.CASCADE, primary_key=True, related_name="listening"
    )
    since = models.DateTimeField()
    xact_id = models.BigIntegerField()
    """Who began to take in events before this transaction ended did not know of the campaign."""
    is_caught_up = models.BooleanField(default=False)
    """What those took in was looked for."""
    error = models.TextField(blank=True)
    """Why something that happened could not start it; the others go on."""
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.campaign_id} since {self.since:%Y-%m-%d %H:%M:%S}"


class Triggered(models.Model):
    """Something happened to a person that starts a campaign: each happening once, whoever its person is by now.

    Like other news it stays on one machine, for its key does not begin with the profile.
    """

    class Outcome(models.TextChoices):
        STARTED = "started", "started it"
        AGAIN = "again", "started nothing: the person had it before"

    pk = models.CompositePrimaryKey("campaign_id", "occurrence")
    campaign_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=200)
    """The event's message id, the membership change's id, or the ref of the delivery that is followed up."""
    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    """Of an event: its record."""
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    at = models.DateTimeField()
    """When it happened."""
    noted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["profile_id", "campaign_id", "at"], name="triggered_person"),  # re-entry
            models.Index(fields=["campaign_id", "-noted_at"], name="triggered_newest"),  # counts, the latest
        ]

    def __str__(self) -> str:
        return f"{self.occurrence} {self.outcome} {self.campaign_id}"
