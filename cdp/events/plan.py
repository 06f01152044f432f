"""The tracking plan: the JSON Schema that an event's properties must meet, per event name and source."""

from collections.abc import Sequence
from dataclasses import dataclass

import jsonschema_rs

from cdp.accounts.models import Source
from cdp.common.copying import Cursor
from cdp.events.message import Message, Rejected

CHECKED = (Source.Plan.WARN, Source.Plan.REJECT)


@dataclass(frozen=True, slots=True)
class Plan:
    """Compiled schemas by (source id, event name) for the sources whose events are checked."""

    validators: dict[tuple[int, str], jsonschema_rs.Draft202012Validator]
    rejecting: frozenset[int]

    def check(self, messages: Sequence[Message]) -> tuple[list[Message], list[Rejected], set[int]]:
        """Those that pass, those that are rejected, and the indexes (of the first) that break the plan
        where the source only warns."""
        passed: list[Message] = []
        rejected = []
        violating: set[int] = set()
        for message in messages:
            place = self._violation(message)
            if place and message.source_id in self.rejecting:
                rejected.append(message.rejected("plan", f"Breaks the tracking plan of {message.name!r}: {place}."))
                continue
            if place:
                violating.add(len(passed))
            passed.append(message)
        return passed, rejected, violating

    def _violation(self, message: Message) -> str:
        validator = self.validators.get((message.source_id, message.name))
        if validator is None:
            return ""
        error = next(validator.iter_errors(message.properties), None)
        if error is None:
            return ""
        place = ".".join(["properties", *map(str, error.instance_path)])
        return f"{place}: {error.message}"


_compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}


def load(cursor: Cursor) -> Plan:
    """A schema of the source itself goes before one for every source. Compiled schemas are kept by text."""
    cursor.execute(
        "select s.id, e.name, e.schema::text, s.plan from events_eventschema e join accounts_source s"
        " on e.source_id is null or e.source_id = s.id where s.plan = any(%s)"
        " order by e.source_id nulls first",
        [list(CHECKED)],
    )
    rows = cursor.fetchall()
    texts = {schema for _, _, schema, _ in rows}
    for known in set(_compiled) - texts:
        del _compiled[known]
    for schema in texts - set(_compiled):
        _compiled[schema] = jsonschema_rs.Draft202012Validator(schema)
    return Plan(
        validators={(source_id, name): _compiled[schema] for source_id, name, schema, _ in rows},
        rejecting=frozenset(source_id for source_id, _, _, plan in rows if plan == Source.Plan.REJECT),
    )
