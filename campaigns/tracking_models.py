"""What the pixel and the links of our mails were asked for."""

from django.db import models


class Hit(models.Model):
    """One request for a mail's pixel or for one of its links: written as it comes, judged when it is known what came
    along with it (campaigns/tracking/judge.py)."""

    class Kind(models.TextChoices):
        OPEN = "open", "Open"
        CLICK = "click", "Click"
        TRAP = "trap", "Click on the link that nobody sees"

    class Verdict(models.TextChoices):
        HUMAN = "human", "A person"
        MACHINE = "machine", "A machine"

    class Why(models.TextChoices):
        """What gave a machine away."""

        BOT = "bot", "says it is a program"
        NO_AGENT = "no_agent", "does not say what it is"
        PREFETCH = "prefetch", "was fetched ahead, before anybody looked"
        HEAD = "head", "looked only where the link leads"
        PRIVACY = "privacy", "a mail program that loads all pictures by itself"
        TOO_SOON = "too_soon", "came before anybody could have seen the mail"
        BURST = "burst", "followed many links within seconds"
        TRAP = "trap", "followed the link that nobody sees"
        SWARM = "swarm", "followed many links within seconds, each from another place"

    pk = models.CompositePrimaryKey("profile_id", "id")
    profile_id = models.BigIntegerField()
    id = models.UUIDField()
    campaign_id = models.BigIntegerField()
    ref = models.UUIDField()
    """The delivery."""
    record_id = models.BigIntegerField(null=True)
    """The record the mail's address came from."""
    kind = models.CharField(max_length=5, choices=Kind.choices)
    target = models.TextField(blank=True)
    """Of a click: where it leads."""
    block = models.CharField(max_length=80, blank=True)
    """Of a click: the block of the mail that holds the link; empty where that is not known."""
    at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=16, blank=True)
    """The address it came from, as a keyed hash of the day: two of one day can be told apart, none can be found."""
    signs = models.CharField(max_length=40, blank=True)
    """What its headers said, as words: head, prefetch, apple, no_agent."""
    verdict = models.CharField(max_length=7, choices=Verdict.choices, blank=True)
    """Empty: it is waited for what comes along with it."""
    why = models.CharField(max_length=8, choices=Why.choices, blank=True)
    is_waiting = models.BooleanField(default=True)
    """To be judged, for the first time or anew."""
    told = models.CharField(max_length=7, choices=Verdict.choices, blank=True)
    """As what it was told as an event."""

    class Meta:
        indexes = [
            models.Index(fields=["ref", "at"], name="hit_of_delivery"),  # judging, the page of a person
            models.Index(fields=["at"], condition=models.Q(is_waiting=True), name="hit_waiting"),  # whose turn it is
            models.Index(  # clicks by link and block, over time
                fields=["campaign_id", "kind", "verdict", "at"], name="hit_of_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Bounce(models.Model):
    """A mail that came back. Kept by address: so many soft ones in so many days, and the address is left alone."""

    address = models.TextField()
    ref = models.UUIDField()
    profile_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    is_hard = models.BooleanField()
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "is_hard"], name="bounce_once")  # a provider may say it again
        ]
        indexes = [models.Index(fields=["address", "at"], name="bounce_by_address")]  # soft ones of late

    def __str__(self) -> str:
        return f"bounce {self.ref}"
