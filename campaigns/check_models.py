from django.db import models


class Check(models.Model):
    """A campaign's mail tried with everybody of its audience, as both were at `as_of`."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="checks", db_index=False)
    job = models.ForeignKey("common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    """Its progress; it ends what was begun, also after a worker died."""
    content = models.JSONField()
    """What is tried, whatever happens to the mail meanwhile."""
    modules = models.JSONField(default=dict)
    """Content of the modules that it names, by id."""
    fingerprint = models.CharField(max_length=64)
    """Of content, modules, audience, topic and sender: another one means that something else would be sent now."""
    segment_version = models.PositiveIntegerField()
    """The sum of the versions of the segments of its audience: it grows when one of their rules is changed."""
    as_of = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    people = models.BigIntegerField(default=0)
    """In the audience."""
    reached = models.BigIntegerField(default=0)
    """Who get it."""
    errors = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    """Key of a finding → how many people; the keys are those of CheckMark."""
    result = models.JSONField(default=dict)
    """What is not about people: problems, links, feeds, sizes, hints."""

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "-id"], name="check_newest"),  # the page, what the send box says
        ]

    def __str__(self) -> str:
        return f"Check {self.pk}"


class CheckLot(models.Model):
    """Some thousands of the audience, in the order of their ids, and what is true of whom: bits in that order.

    A lot and its marks are written in one transaction: a worker that takes over goes on behind the last one.
    """

    parent = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="lots", db_index=False)
    number = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    n = models.PositiveIntegerField()
    ids = models.BinaryField()
    """Profile ids, eight bytes each, little endian, ascending."""
    notes = models.JSONField(default=dict)
    """The largest mails, and examples of each different mail."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parent", "number"], name="check_lot")]

    def __str__(self) -> str:
        return f"{self.parent_id}/{self.number}"


class CheckMark(models.Model):
    """Of whom in a lot one finding is true. Findings that nobody of the lot has are not kept."""

    lot = models.ForeignKey(CheckLot, on_delete=models.CASCADE, related_name="marks", db_index=False)
    key = models.CharField(max_length=200)
    n = models.PositiveIntegerField()
    bits = models.BinaryField()
    """Bit i (the lowest of the first byte is 0) stands for the i-th id of the lot."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "key"], name="check_mark")]

    def __str__(self) -> str:
        return self.key
