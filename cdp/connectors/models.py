from django.db import models

from cdp.accounts.models import Source
from cdp.common.models import Job


class Import(models.Model):
    """One file on its way in. Its job is the progress bar; the job's checkpoint is where it goes on after a stop."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="of_import")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    file_name = models.CharField(max_length=200)
    maker = models.CharField(max_length=40, blank=True)
    """Whose export it was recognised as; empty for files of one's own."""
    preset = models.CharField(max_length=20)
    columns = models.JSONField(default=list)
    """One entry per column that is used or left out: [field, detail]."""
    options = models.JSONField(default=dict)
    queued_at = models.DateTimeField(null=True)
    """When someone pressed Start; null while the mapping is being made."""
    accepted = models.BigIntegerField(default=0)
    """Rows taken in."""
    rejected = models.BigIntegerField(default=0)
    """Rows with a problem."""
    messages = models.BigIntegerField(default=0)
    skipped = models.JSONField(default=dict)
    """Reason → how many rows and things were left out on purpose, and the money in them."""

    class Meta:
        indexes = [models.Index(fields=["-id"], name="import_newest")]  # the page of imports

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return self.job.state in (Job.State.WAITING, Job.State.RUNNING)


class ImportProblem(models.Model):
    """A row that was not taken in, as it stands in the file, and what would be right."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    row = models.BigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    cells = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["of", "id"], name="import_problems")]  # the download, the first errors

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}"
