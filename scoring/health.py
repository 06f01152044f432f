"""How a predictor is, in a word: what the list and its page say first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp.common.models import Job
from scoring.jobs import OPEN
from scoring.models import Predictor, TrainedModel

LATE = timedelta(hours=6)
"""So long after it was due, scores that did not come are called late."""


@dataclass(frozen=True)
class Health:
    key: str
    word: str
    tone: str
    """Of Tabler's pale badges."""
    text: str


ARCHIVED = Health("archived", "Archived", "secondary", "It neither trains nor scores, and can be restored.")
TRAINING = Health("training", "Training for the first time", "primary", "It scores everybody as soon as it is useful.")
FAILED = Health("failed", "Training failed", "red", "Its latest training ended in an error.")
UNTRAINED = Health("untrained", "Not trained yet", "secondary", "It has not learned anything yet. Train it.")
TOO_LITTLE = Health("little", "Too little data: not in use", "yellow", "There is too little to learn from yet.")
NO_BETTER = Health(
    "useless",
    "Not better than a guess: not in use",
    "yellow",
    "A simple rule of thumb does as well.",
)
CONFIDENT = Health(
    "confident", "High confidence", "green", "AUC above 0.75, on people and days it had not seen while it learned."
)
USEFUL = Health("useful", "Useful", "primary", "Clearly better than a rule of thumb, short of high confidence.")
SIMPLE = Health(
    "simple",
    "Simple model, little data",
    "yellow",
    "A cautious simple model stands in until more is known.",
)


def health_of(predictor: Predictor, latest: TrainedModel | None) -> Health:
    """`predictor` with its active version and last job at hand."""
    if predictor.archived_at:
        return ARCHIVED
    if predictor.active is not None:
        return _in_use(predictor.active)
    if predictor.last_job is not None and predictor.last_job.state in OPEN:
        return TRAINING
    if latest is None:
        return FAILED if predictor.last_job and predictor.last_job.state == Job.State.FAILED else UNTRAINED
    return NO_BETTER if latest.estimator else TOO_LITTLE


def _in_use(version: TrainedModel) -> Health:
    if version.is_simple:
        return SIMPLE
    return CONFIDENT if version.is_confident else USEFUL


def problem_of(predictor: Predictor, *, now: datetime) -> str:
    """What one has to know, in a sentence; empty where all is well."""
    if predictor.archived_at:
        return ""
    if predictor.problem:
        return predictor.problem
    job = predictor.last_job
    if job is not None and job.state == Job.State.FAILED:
        return f"Its latest training failed: {job.error or 'without a word'}"
    if predictor.active is not None and predictor.due_at and now - predictor.due_at > LATE:
        return "Its scores are late: everybody should have been scored by now."
    return ""
