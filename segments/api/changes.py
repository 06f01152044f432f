"""The feed of changes: who entered and left, in the order in which it became true, complete and resumable.

The order is (transaction, row). Only what lies below every transaction that is still under way is told, so that no
row can ever appear behind a cursor that was handed out.
"""

from typing import Any

from django.db import connection
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.common.api import StrictView, limit_of
from cdp.common.api_schema import LIMIT, TEXT, TIME, errors, listed, obj
from cdp.common.copying import Cursor
from cdp.common.keyset import BadCursor, pack, unpack
from identity.api.parts import UUID_SCHEMA, number_or_404, uuids
from segments.api.parts import COUNT, MAYBE_TIME, YES_NO
from segments.models import Cause, MembershipChange

LARGEST = 2**63 - 1
NOW = "now"
FOREIGN = "This cursor is of the database before it was restored from a backup: begin anew, without `after`."
CHANGE = obj(
    segment=COUNT,
    profile=UUID_SCHEMA | {"type": ["string", "null"], "description": "Null once the person was erased."},
    kind={"type": "string", "enum": list(MembershipChange.Kind.values)},
    cause={"type": "string", "enum": list(Cause.values)},
    at=TIME,
    entered_at=MAYBE_TIME | {"description": "Of who left: since when they had been in."},
)
FEED = obj(
    results=listed(CHANGE),
    cursor=TEXT | {"description": "Pass it as `after` to go on, also when there is nothing more for now."},
    has_more=YES_NO,
)
ROWS = """
select xact_id, id, segment_id, profile_id, kind, cause, at, entered_at from segments_membershipchange
 where (xact_id, id) > (%(xact)s, %(id)s) and xact_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
   and (%(segment)s::bigint is null or segment_id = %(segment)s)
 order by xact_id, id limit %(limit)s
"""


class Changes(StrictView):
    scope = "segments:read"
    parameters = frozenset({"limit", "after", "from", "segment"})

    @extend_schema(
        operation_id="segments_changes",
        summary="Who entered and left, oldest first",
        description=(
            "Begins at the oldest change that is kept, or with `from=now` at this moment. Every answer has a `cursor`:"
            " keep it, pass it as `after`, and nothing is missed or told twice."
        ),
        tags=["segments"],
        parameters=[
            OpenApiParameter("after", str, description="The `cursor` of the last answer."),
            OpenApiParameter("from", str, enum=[NOW], description="Begin with what happens from now on."),
            OpenApiParameter("segment", {"type": "integer"}, description="Only this segment's."),
            OpenApiParameter("limit", LIMIT),
        ],
        responses={200: FEED, **errors()},
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        limit, segment = limit_of(query), _segment(query.get("segment"))
        if "from" in query:
            return Response({"results": [], "cursor": pack(_from_now(query)), "has_more": False})
        after = _cursor(query.get("after"))
        with connection.cursor() as cursor:
            cursor.execute(ROWS, {"xact": after[0], "id": after[1], "segment": segment, "limit": limit + 1})
            found = cursor.fetchall()
            if not found:
                _refuse_foreign(cursor, after[0])
        rows, has_more = found[:limit], len(found) > limit
        known = uuids(row[3] for row in rows)
        last = pack(rows[-1][:2]) if rows else query.get("after") or pack([0, 0])
        return Response({"results": [_said(row, known) for row in rows], "cursor": last, "has_more": has_more})


def _refuse_foreign(cursor: Cursor, xact: int) -> None:
    """Every cursor that was handed out is below what is under way now, unless another server counted it."""
    cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    if xact >= cursor.fetchone()[0]:
        raise ValidationError({"after": FOREIGN})


def _said(row: Any, known: dict[int, str]) -> dict[str, Any]:
    _xact, _id, segment, profile, kind, cause, at, entered_at = row
    told = {"segment": segment, "profile": known.get(profile), "kind": kind, "cause": cause}
    return {**told, "at": at, "entered_at": entered_at}


def _from_now(query: Any) -> list[int]:
    if query["from"] != NOW or "after" in query:
        raise ValidationError({"from": "Only `now`, and without `after`."})
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")
        return [int(cursor.fetchone()[0]), LARGEST]


def _cursor(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 0
    try:
        xact, row = unpack(text)
    except (BadCursor, ValueError) as error:
        raise ValidationError({"after": str(BadCursor.__doc__)}) from error
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= LARGEST for one in (xact, row)):
        raise ValidationError({"after": str(BadCursor.__doc__)})
    return xact, row


def _segment(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValidationError({"segment": "The id of a segment."})
    return number_or_404(text)
