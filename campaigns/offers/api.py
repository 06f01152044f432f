"""The API of offers: set up, change, archive; codes of a list; who was given one, and which orders used it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Offer, OfferCode, OfferRedemption
from campaigns.offers import set_up
from campaigns.offers.add_codes import Line, Verdict, add, last_id
from campaigns.offers.api_said import (
    COUNTS,
    GIVEN,
    OFFER,
    READ,
    REDEMPTION,
    TO_CHANGE,
    TO_MAKE,
    OfferBody,
    said,
    said_given,
    said_redemptions,
)
from campaigns.offers.checked import key_problem, problems_of, tidy
from campaigns.offers.redeem import read_again
from campaigns.offers.set_up import Draft
from cdp.accounts import audit
from cdp.common.api import Conflict, StrictView, keyset_page
from cdp.common.api_schema import LIMIT, errors, obj, paged
from cdp.common.clock import utc_now
from cdp.rules.fields import RuleError
from cdp.rules.parse import parse

PAGE = [
    OpenApiParameter("limit", LIMIT),
    OpenApiParameter("after", str, description="Where the page begins: follow `next`."),
]
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The offer's key.")
MOST_CODES = 50_000
STATES = ("active", "archived")
CODES_BODY = obj(codes={"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_CODES})


def _offer(key: str) -> Offer:
    found = Offer.objects.filter(key=key).first() if key.isprintable() else None
    if found is None:
        raise NotFound("There is no such offer.")
    return found


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except RuleError as error:
        place = error.place if error.place.partition(".")[0] == "rule" else f"rule.{error.place}"
        raise ValidationError({place: error.message}) from error
    except set_up.KeyTaken as error:
        raise ValidationError({"key": str(error.__doc__)}) from error
    except (set_up.Archived, set_up.CodesFixed) as error:
        raise Conflict(str(error.__doc__)) from error


def _note(request: Request, verb: str, offer: Offer, **details: Any) -> None:
    audit.record(None, verb=verb, target=offer.name, details={**details, "by": str(request.user)}, now=utc_now())


def _draft(given: dict[str, Any], *, but: Offer | None) -> Draft:
    """What is sent, the rest as it is. Raises ValidationError, RuleError."""
    before = {name: getattr(but, name) for name in Draft.__dataclass_fields__} if but else {}
    if given.get("rule") is not None:
        parse(given["rule"])
    draft = tidy(Draft(**{**before, **{name: value for name, value in given.items() if name != "key"}}))
    if problems := problems_of(draft, but=but):
        raise ValidationError(problems)
    return draft


class Offers(StrictView):
    scope = {"GET": "campaigns:read", "POST": "campaigns:write"}

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset({"limit", "after", "state"}) if self.request.method in ("GET", "HEAD") else frozenset()

    @extend_schema(
        operation_id="offers_list",
        summary="Offers, by id",
        tags=["campaigns"],
        parameters=[OpenApiParameter("state", str, enum=list(STATES), description="`active`, if left out."), *PAGE],
        responses={200: paged(OFFER), **errors()},
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state", "active")
        if state not in STATES:
            raise ValidationError({"state": f"One of {', '.join(STATES)}."})
        rows = Offer.objects.filter(archived_at__isnull=state == "active")
        return keyset_page(rows, request, order=("id",), said=said)

    @extend_schema(
        operation_id="offers_create",
        summary="Set an offer up",
        description="Content names it by its `key`, which stays. A mistake in the rule is a 400 that names its place.",
        tags=["campaigns"],
        request={"application/json": TO_MAKE},
        responses={201: OFFER, **errors(413, 415)},
    )
    def post(self, request: Request) -> Response:
        body = OfferBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        if problem := key_problem(given["key"]):
            raise ValidationError({"key": problem})
        with _refusals():
            made = set_up.create(_draft(given, but=None), key=given["key"], by=None, now=utc_now())
        _note(request, "created offer", made)
        return Response(said(made), status=201)


class OneOffer(StrictView):
    scope = {"GET": "campaigns:read", "PATCH": "campaigns:write", "DELETE": "campaigns:write"}

    @extend_schema(
        operation_id="offers_read",
        summary="An offer, and what became of it",
        tags=["campaigns"],
        parameters=[KEY],
        responses={200: READ, **errors(404)},
    )
    def get(self, request: Request, key: str) -> Response:
        return Response(said(_offer(key), whole=True))

    @extend_schema(
        operation_id="offers_change",
        summary="Change an offer; what is left out stays",
        description="409 if it is archived, or if how people get a code would change once codes are out.",
        tags=["campaigns"],
        parameters=[KEY],
        request={"application/json": TO_CHANGE},
        responses={200: OFFER, **errors(404, 409, 413, 415)},
    )
    def patch(self, request: Request, key: str) -> Response:
        offer = _offer(key)
        body = OfferBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        if given.get("key", key) != key:
            raise ValidationError({"key": "It stays: content names the offer by it."})
        with _refusals():
            changes = set_up.change(offer, _draft(given, but=offer), now=utc_now())
        _note(request, "changed offer", offer, fields=sorted(changes))
        return Response(said(_offer(key)))

    @extend_schema(
        operation_id="offers_archive",
        summary="Archive an offer: nobody is given it any more",
        tags=["campaigns"],
        parameters=[KEY],
        responses={204: None, **errors(404)},
    )
    def delete(self, request: Request, key: str) -> Response:
        offer = _offer(key)
        if offer.archived_at:
            raise NotFound("The offer is archived.")
        set_up.archive(offer, now=utc_now())
        _note(request, "archived offer", offer)
        return Response(status=204)


class Restore(StrictView):
    scope = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="offers_restore",
        summary="Bring an archived offer back",
        tags=["campaigns"],
        parameters=[KEY],
        request=None,
        responses={200: OFFER, **errors(404, 409)},
    )
    def post(self, request: Request, key: str) -> Response:
        offer = _offer(key)
        if not offer.archived_at:
            raise Conflict("The offer is not archived.")
        set_up.restore(offer, now=utc_now())
        _note(request, "restored offer", offer)
        return Response(said(_offer(key)))


class Codes(StrictView):
    scope = {"GET": "campaigns:read", "POST": "campaigns:write"}

    @extend_schema(
        operation_id="offers_codes",
        summary="How many codes of a list are left",
        tags=["campaigns"],
        parameters=[KEY],
        responses={200: obj(left=OFFER["properties"]["id"], given=OFFER["properties"]["id"]), **errors(404)},
    )
    def get(self, request: Request, key: str) -> Response:
        offer = _offer(key)
        return Response({"left": OfferCode.objects.free(offer).count(), "given": offer.n_given})

    @extend_schema(
        operation_id="offers_codes_add",
        summary=f"Add codes to the list of an offer, up to {MOST_CODES:,} in one call",
        description="Those it has already, and those of other offers, are counted and left out: sent again, a list"
        " adds nothing. 409 if the offer has no list.",
        tags=["campaigns"],
        parameters=[KEY],
        request={"application/json": CODES_BODY},
        responses={200: COUNTS, **errors(404, 409, 413, 415)},
    )
    def post(self, request: Request, key: str) -> Response:
        offer = _offer(key)
        if offer.codes != Offer.Codes.UPLOADED or offer.archived_at:
            raise Conflict("The offer is archived, or gets its codes another way than from a list.")
        judged = add(offer, [Line(n, code) for n, code in enumerate(_codes(request))], since=last_id())
        counts = {one.value: sum(line.verdict is one for line in judged) for one in Verdict}
        if counts[Verdict.ADDED]:
            read_again(offer, now=utc_now())
        _note(request, "added codes to offer", offer, added=counts[Verdict.ADDED])
        return Response(counts)


def _codes(request: Request) -> list[str]:
    raw = request.data
    if not isinstance(raw, dict) or set(raw) != {"codes"}:
        raise ValidationError({"codes": "An object with `codes`, and nothing else."})
    found = raw["codes"]
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_CODES:
        raise ValidationError({"codes": f"A list of 1 to {MOST_CODES:,} codes."})
    if not all(isinstance(code, str) and "\0" not in code for code in found):
        raise ValidationError({"codes": "Each code is text."})
    return found


class Given(StrictView):
    scope = "campaigns:write"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="offers_given",
        summary="The codes that were given, the oldest first: for the shop that has to take them",
        description="The codes can be used, so the scope is `campaigns:write`.",
        tags=["campaigns"],
        parameters=[KEY, *PAGE],
        responses={200: paged(GIVEN), **errors(404)},
    )
    def get(self, request: Request, key: str) -> Response:
        rows = OfferCode.objects.handed_out(_offer(key))
        return _said_together(keyset_page(rows, request, order=("given_at", "id"), said=_row), said_given)


class Redemptions(StrictView):
    scope = "campaigns:read"
    parameters = frozenset({"limit", "after"})

    @extend_schema(
        operation_id="offers_redemptions",
        summary="Orders with a code of the offer, the latest first; those taken back as well",
        tags=["campaigns"],
        parameters=[KEY, *PAGE],
        responses={200: paged(REDEMPTION), **errors(404)},
    )
    def get(self, request: Request, key: str) -> Response:
        rows = OfferRedemption.objects.filter(offer=_offer(key))
        return _said_together(keyset_page(rows, request, order=("-at", "-id"), said=_row), said_redemptions)


def _row(row: Any) -> dict[str, Any]:
    return {"row": row}


def _said_together(page: Response, said_of: Callable[[list[Any]], list[dict[str, Any]]]) -> Response:
    """People are looked up for the whole page at once."""
    return Response(page.data | {"results": said_of([one["row"] for one in page.data["results"]])})
