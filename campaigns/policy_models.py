"""What holds for all campaigns."""

from django.db import models


class SendingPolicy(models.Model):
    """One row; read it with campaigns.policy."""

    class Unknown(models.TextChoices):
        """What becomes of messages of which a crash left open whether they went out."""

        LEAVE = "leave", "Leave them: better not at all than twice"
        AGAIN = "again", "Send them again: better twice than not at all"
        ASK = "ask", "Ask me each time"

    company = models.CharField(max_length=120, blank=True)
    postal_address = models.TextField(blank=True)
    """Stands in the footer; the law of many countries wants it."""
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    """On the person's own clock, the deployment's where it is not known; None: no quiet hours."""
    needs_approval = models.BooleanField(default=False)
    """Campaigns start only once somebody else approved them."""
    control_percent = models.PositiveSmallIntegerField(default=0)
    """Of everybody, who get no campaign at all, ever."""
    unknown = models.CharField(max_length=5, choices=Unknown.choices, default=Unknown.LEAVE)
    click_days = models.PositiveSmallIntegerField(default=5)
    """An order so long after a click is led back to the click."""
    open_days = models.PositiveSmallIntegerField(default=0)
    """… after an open, where there was no click; 0: opens count for nothing, because machines open mails too."""
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "How we send"


class FrequencyCap(models.Model):
    """At most so many messages to one person in so many hours."""

    most = models.PositiveSmallIntegerField()
    hours = models.PositiveIntegerField()
    topic = models.ForeignKey("privacy.Topic", null=True, on_delete=models.CASCADE, related_name="caps")
    """None: whatever the topic."""

    def __str__(self) -> str:
        return f"{self.most} in {self.hours} hours"
