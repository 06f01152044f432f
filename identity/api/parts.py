"""What the calls of identity's API share: bodies read strictly, people by their public ids, refusals as sentences."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from cdp.accounts.models import ApiToken
from cdp.common.api_schema import LIMIT, TEXT, listed, obj
from cdp.profiles.find import NoSuchPerson, by_uuid
from cdp.profiles.models import Profile
from identity.by_hand import Outcome
from identity.effects import Facts, Trial

UUID_SCHEMA: dict[str, Any] = {"type": "string", "format": "uuid"}
COUNT: dict[str, Any] = {"type": "integer"}
BOOL: dict[str, Any] = {"type": "boolean"}
ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": {}}
DRY_RUN = BOOL | {"default": False, "description": "Tells what would be, and changes nothing."}
FACTS = obj(id=UUID_SCHEMA, traits=ANY_OBJECT, effects={"type": "object", "additionalProperties": listed(TEXT)})
OUTCOME = obj(
    dry_run=BOOL,
    merges=listed(COUNT) | {"description": "Rows of the ledger that were written; none in a dry run."},
    profiles=listed(UUID_SCHEMA) | {"description": "The people concerned, as they are now; none in a dry run."},
    separation={"type": ["integer", "null"]},
    ambiguous=listed(TEXT) | {"description": "What could have gone either way, and where it went."},
)
OUTCOME["properties"] |= {
    "before": listed(FACTS) | {"description": "In a dry run: the people concerned as they are."},
    "after": listed(FACTS) | {"description": "In a dry run: the people as they would be."},
}
PAGE = [
    OpenApiParameter("limit", LIMIT),
    OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
]
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Body:
    """An object with known fields; whatever else it has is an error."""

    fields: dict[str, Any]

    @classmethod
    def of(cls, request: Request, known: Collection[str]) -> "Body":
        raw = request.data
        if not isinstance(raw, dict):
            raise ValidationError({"body": "An object."})
        if strange := sorted(set(map(str, raw)) - set(known)):
            raise ValidationError(dict.fromkeys(strange, f"There is no such field. There are: {', '.join(known)}."))
        return cls(dict(raw))

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        value = self.fields.get(name, otherwise)
        if not isinstance(value, bool):
            raise ValidationError({name: "This must be true or false."})
        return value

    def numbers(self, name: str, *, most: int) -> list[int]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not 1 <= len(value) <= most or not all(_is_id(one) for one in value):
            raise ValidationError({name: f"A list of 1 to {most:,} numbers."})
        return list(value)

    def people(self, *, least: int, most: int) -> list[Profile]:
        """`profiles`, a list of public ids."""
        value = self.fields.get("profiles")
        if not isinstance(value, list) or not least <= len(value) <= most:
            many = f"{least}" if least == most else f"{least} to {most}"
            raise ValidationError({"profiles": f"A list of {many} ids of profiles."})
        return [_person(one, f"profiles.{i}") for i, one in enumerate(value)]


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _person(value: Any, place: str) -> Profile:
    try:
        return by_uuid(UUID(value))
    except (NoSuchPerson, ValueError, TypeError, AttributeError) as error:
        raise ValidationError({place: "No profile has this id."}) from error


def number_or_404(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID:
        return int(text[:20])
    raise NotFound("There is nothing of this number.")


def doer_of(request: Request) -> str:
    assert isinstance(request.auth, ApiToken)
    return f"token:{request.auth.pk}"


def uuids(profile_ids: Iterable[int]) -> dict[int, str]:
    rows = Profile.objects.filter(pk__in=set(profile_ids)).values_list("pk", "uuid")
    return {pk: str(uuid) for pk, uuid in rows}


def said_outcome(done: Outcome) -> dict[str, Any]:
    known = uuids(done.profile_ids)
    return {
        "dry_run": False,
        "merges": done.merge_ids,
        "profiles": [known[one] for one in done.profile_ids if one in known],
        "separation": done.separation_id,
        "ambiguous": done.ambiguous,
    }


def said_trial(tried: Trial) -> dict[str, Any]:
    return {
        "dry_run": True,
        "merges": [],
        "profiles": [],
        "separation": None,
        "ambiguous": tried.outcome.ambiguous,
        "before": _facts(tried.before),
        "after": _facts(tried.after),
    }


def _facts(people: Sequence[Facts]) -> list[dict[str, Any]]:
    return [{"id": str(one.uuid), "traits": one.traits, "effects": one.effects} for one in people]
