"""Versions as they answer, read from their bytes once per process."""

from functools import lru_cache
from typing import Any

from scoring.artefact import Model
from scoring.models import TrainedModel

MOST = 32
"""Versions kept in memory: some megabytes each."""


@lru_cache(maxsize=MOST)
def model_of(version_id: int) -> Model:
    """A version never changes, so what was read stays right. Raises NotAnArtefact, TrainedModel.DoesNotExist."""
    return Model.read(TrainedModel.objects.values_list("artefact", flat=True).get(pk=version_id))


@lru_cache(maxsize=MOST)
def reference_of(version_id: int) -> dict[str, Any]:
    """How features and scores were spread when it was trained."""
    found: dict[str, Any] = TrainedModel.objects.values_list("reference", flat=True).get(pk=version_id)
    return found
