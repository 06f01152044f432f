"""Computed traits: what is kept of each person by a definition, and the values."""

from django.db import models


class ComputedTrait(models.Model):
    """A definition and how fresh its values are. `as_of` only grows."""

    class Type(models.TextChoices):
        NUMBER = "number", "Number"
        TEXT = "text", "Text"
        DATE = "date", "Date"
        LIST = "list", "List"
        DURATION = "duration", "Days since"

    key = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    definition = models.JSONField()
    type = models.CharField(max_length=8, choices=Type.choices)
    """Follows from the definition: it says which column of the values counts."""
    half_life_days = models.FloatField(null=True)
    """Follows from the definition: set where the number decays."""
    is_zero_without = models.BooleanField(default=False)
    """Follows from the definition: whether people without a value have 0."""
    is_builtin = models.BooleanField(default=False)
    """Comes with the product: it can be changed and switched off, not deleted."""
    is_on = models.BooleanField(default=True)
    is_removed = models.BooleanField(default=False)
    """Deleted; the row goes once its values have gone."""
    is_stale = models.BooleanField(default=True)
    """Waits for a full recomputation: it is new, or its definition, the catalogue or a cut changed."""
    as_of = models.DateTimeField(null=True)
    """The moment the values are right for; null until the first full recomputation."""
    people = models.BigIntegerField(default=0)
    """How many had a value when it was last counted."""
    error = models.TextField(blank=True)
    took_ms = models.PositiveIntegerField(null=True)
    job = models.ForeignKey("common.Job", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False)
    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(is_removed=False), name="computed_trait_key")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def fact(self) -> str:
        """What rules that name it depend on."""
        return f"computed:{self.key}"


class ComputedValue(models.Model):
    """What a trait is for a person. A row without a value waits for its `due_at`."""

    pk = models.CompositePrimaryKey("profile_id", "trait_id")
    profile_id = models.BigIntegerField()
    trait_id = models.BigIntegerField()
    number = models.DecimalField(max_digits=60, decimal_places=12, null=True)
    text = models.TextField(null=True)
    at = models.DateTimeField(null=True)
    list = models.JSONField(null=True)
    due_at = models.DateTimeField(null=True)
    """When the value may change by time alone."""

    class Meta:
        managed = False
        db_table = "analytics_computedvalue"

    def __str__(self) -> str:
        return f"{self.trait_id} of {self.profile_id}"
