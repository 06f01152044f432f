from django.db import models


class PublishedCut(models.Model):
    """A boundary in the whole population that rules compare with, such as where its top tenth begins."""

    key = models.CharField(max_length=24, primary_key=True)
    """`WantedCut.key`: equal for equal cuts, whichever rule names them."""
    value = models.DecimalField(max_digits=40, decimal_places=12, null=True)
    """Null while nobody has the number."""
    version = models.PositiveIntegerField()
    english = models.TextField()
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.english}: {self.value}"
