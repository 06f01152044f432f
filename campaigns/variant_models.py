"""The ways of a campaign that are tested against each other."""

from django.db import models

from campaigns.content_models import Template


class Variant(models.Model):
    """One way. A campaign has none, or at least two; number 1 is the one the others are compared with."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="variants", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    weight = models.PositiveSmallIntegerField(default=1)
    """Its part of the people; parts are compared with each other."""
    template = models.ForeignKey(Template, null=True, on_delete=models.PROTECT, related_name="variants")
    """A mail of its own; None: the campaign's."""
    changes = models.JSONField(default=list, blank=True)
    """[{"place": ["blocks", "k3f9", "when", …], "value": …}]: what differs from the mail it starts from."""
    sender = models.CharField(max_length=200, blank=True)
    """Empty: the campaign's."""
    local_time = models.TimeField(null=True)
    """An hour of its own, on each person's clock; None: as the campaign's timing says."""
    content = models.JSONField(null=True)
    modules = models.JSONField(default=dict, blank=True)
    """What is sent, kept when the campaign was started: content and its modules by id."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="variant_number")]

    def __str__(self) -> str:
        return self.name
