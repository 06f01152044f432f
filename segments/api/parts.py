"""What the calls of the segments' API share: a segment as it is said, found or not, and bodies that make one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from cdp.accounts import audit
from cdp.common.api import Conflict
from cdp.common.api_schema import TEXT, TIME, obj
from cdp.common.clock import deployment_zone, utc_now
from cdp.common.models import Job
from cdp.rules.fields import RuleError
from identity.api.parts import Body, number_or_404
from segments import save
from segments.models import Segment
from segments.rule_difference import english
from segments.schedule import BadCron, Schedule
from segments.versions import Draft

COUNT: dict[str, Any] = {"type": "integer"}
YES_NO: dict[str, Any] = {"type": "boolean"}
RULE: dict[str, Any] = {
    "type": "object",
    "description": "A rule, as `GET /api/segments/rule-schema` describes it.",
    "additionalProperties": {},
}
MAYBE_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
PACE: dict[str, Any] = {"type": "string", "enum": list(Segment.Pace.values)}
SEGMENT = obj(
    id=COUNT,
    name=TEXT,
    description=TEXT,
    folder=TEXT,
    kind={"type": "string", "enum": list(Segment.Kind.values)},
    rule=RULE,
    english=TEXT | {"description": "The rule as a sentence, or why it cannot be read any more."},
    pace=PACE,
    cron=TEXT,
    due_at=MAYBE_TIME | {"description": "The next refresh by schedule."},
    size=COUNT,
    as_of=MAYBE_TIME | {"description": "The moment that memberships are right for; null before the first refresh."},
    is_stale=YES_NO | {"description": "Whether it waits for a full refresh."},
    error=TEXT | {"description": "Why the last refresh failed; empty if it did not."},
    version=COUNT,
    created_at=TIME,
    changed_at=TIME,
    archived_at=MAYBE_TIME,
)
JOB = obj(
    id=COUNT,
    state={"type": "string", "enum": list(Job.State.values)},
    done=COUNT,
    total={"type": ["integer", "null"]},
    error=TEXT,
)
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH, description="The segment's id.")
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
WRITABLE: dict[str, Any] = {
    "name": {"type": "string", "maxLength": 120},
    "description": {"type": "string", "maxLength": 1000},
    "folder": {"type": "string", "maxLength": 80},
    "rule": RULE,
    "pace": PACE,
    "cron": TEXT | {"description": "Five fields, in the deployment's time zone; for the pace `cron` only."},
}
LONGEST = {"name": 120, "description": 1000, "folder": 80, "cron": 100}


def said(segment: Segment) -> dict[str, Any]:
    told = {name: getattr(segment, name) for name in SEGMENT["properties"] if name != "english"}
    return {**told, "english": english(segment.rule)}


def said_job(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "state": job.state, "done": job.done, "total": job.total, "error": job.error}


def segment_or_404(number: str, *, also_archived: bool = True) -> Segment:
    found = Segment.objects.filter(pk=number_or_404(number)).first()
    if found is None or (found.archived_at and not also_archived):
        raise NotFound("There is no such segment.")
    return found


def active_or_409(number: str) -> Segment:
    found = segment_or_404(number)
    if found.archived_at:
        raise Conflict("The segment is archived. Restore it first.")
    return found


def text(body: Body, name: str, *, otherwise: str = "") -> str:
    value = body.fields.get(name, otherwise)
    longest = LONGEST[name]
    if not isinstance(value, str) or len(value) > longest or not value.replace("\n", " ").isprintable():
        raise ValidationError({name: f"Text of at most {longest} printable characters."})
    return value.strip()


def name_of(body: Body, *, otherwise: str = "") -> str:
    found = text(body, "name", otherwise=otherwise)
    if not found:
        raise ValidationError({"name": "It needs a name."})
    return found


def draft_of(body: Body, segment: Segment | None = None) -> Draft:
    """What is sent, the rest as it is."""
    before: Mapping[str, Any] = vars(segment) if segment else {"name": "", "description": "", "pace": "live"}
    pace = body.fields.get("pace", before["pace"])
    if pace not in Segment.Pace.values:
        raise ValidationError({"pace": f"One of {', '.join(Segment.Pace.values)}."})
    kept_cron = segment.cron if segment and pace == segment.pace else ""
    try:
        schedule = Schedule(pace, " ".join(text(body, "cron", otherwise=kept_cron).split()), deployment_zone())
    except BadCron as error:
        raise ValidationError({"cron": str(error)}) from error
    return Draft(
        name=name_of(body, otherwise=before["name"]),
        rule=body.fields.get("rule", before.get("rule")),
        description=text(body, "description", otherwise=before["description"]),
        schedule=schedule,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """What the verbs refuse, as answers: errors of a rule name their place below `rule`."""
    try:
        yield
    except RuleError as error:
        place = error.place if error.place.partition(".")[0] == "rule" else f"rule.{error.place}"
        raise ValidationError({place: error.message}) from error
    except save.NameTaken as error:
        raise ValidationError({"name": str(error.__doc__)}) from error
    except save.StillUsed as error:
        raise Conflict(f"It is used by {error}. Change that first.") from error
    except save.Changed as error:
        raise Conflict(f"The segment is at version {error.version} now. Read it again.") from error


def note(request: Request, verb: str, segment: Segment, **details: Any) -> None:
    told = {**details, "by": str(request.user)}
    audit.record(None, verb=verb, target=segment.name, details=told, now=utc_now())
