"""The page on which a steward edits the rules: what was typed, as the JSON that identity.rules reads, and the errors
back at their fields."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from identity.columns import Kind
from identity.rule_words import ordered
from identity.rules import Form, Fuzzy, Rules, RulesError, parse, to_json

NAMESPACE_FIELDS = ("name", "form", "joins", "is_hard", "limit", "window_days", "most_records")
BLOCKED_FIELDS = ("namespace", "value", "note")
FIXED_FORMS = {"email": Form.EMAIL, "phone": Form.PHONE}
"""Consent and suppression know these by the same form: it is not for the rules to change."""
FORMS = [(form.value, form.label) for form in (Form.EXACT, Form.LOWER, Form.DIGITS)]
KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in Kind]


@dataclass(frozen=True, slots=True)
class Row:
    """One repeated group of fields as it was typed, and what is wrong with it by field."""

    fields: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RuleForm:
    namespaces: list[Row]
    blocked: list[Row]
    kinds: list[Row]
    fuzzy: Row
    note: str = ""
    error: str = ""
    """What is wrong with the whole."""

    @property
    def is_wrong(self) -> bool:
        rows = [*self.namespaces, *self.blocked, *self.kinds, self.fuzzy]
        return bool(self.error or any(row.errors for row in rows))

    def raw(self) -> dict[str, Any]:
        """Priorities follow the order of the rows. What is no number stays text: the rules then say what is wrong."""
        return {
            "namespaces": [_namespace(row.fields, place) for place, row in enumerate(self.namespaces, start=1)],
            "blocked": [dict(row.fields) for row in self.blocked],
            "fuzzy": _fuzzy(self.fuzzy.fields, self.kinds),
        }

    def likeness(self) -> Fuzzy:
        """Raises RulesError."""
        return parse({"fuzzy": _fuzzy(self.fuzzy.fields, self.kinds)}).fuzzy

    def checked(self) -> dict[str, Any] | None:
        """The rules as JSON, or None with the error at its field."""
        raw = self.raw()
        try:
            return to_json(parse(raw))
        except RulesError as error:
            self.put(error)
            return None

    def put(self, error: RulesError) -> None:
        head, _, name = error.place.rpartition(".")
        part, _, index = head.partition("[")
        rows = {"namespaces": self.namespaces, "blocked": self.blocked}.get(part, [])
        number = index.rstrip("]")
        if number.isdigit() and int(number) < len(rows):
            rows[int(number)].errors[name] = error.problem
        elif head == "fuzzy" and name != "kinds":
            self.fuzzy.errors[name] = error.problem
        else:
            self.error = error.problem


def of_rules(rules: Rules, *, note: str = "") -> RuleForm:
    return RuleForm(
        [Row({name: _text(getattr(one, name)) for name in NAMESPACE_FIELDS}) for one in ordered(rules)],
        [Row({name: getattr(one, name) for name in BLOCKED_FIELDS}) for one in rules.blocked],
        [Row({"trait": trait, "kind": kind}) for trait, kind in sorted(rules.fuzzy.kinds.items())],
        Row(
            {
                "is_on": _text(rules.fuzzy.is_on),
                "link": f"{100 * rules.fuzzy.link:.10g}",
                "review": f"{100 * rules.fuzzy.review:.10g}",
                "largest": str(rules.fuzzy.largest),
            }
        ),
        note,
    )


def of_post(posted: QueryDict) -> RuleForm:
    fuzzy = {name: posted.get(f"fuzzy-{name}", "") for name in ("is_on", "link", "review", "largest")}
    return RuleForm(
        _rows(posted, "ns", NAMESPACE_FIELDS),
        _rows(posted, "blocked", BLOCKED_FIELDS),
        [row for row in _rows(posted, "kind", ("trait", "kind")) if row.fields["trait"]],
        Row(fuzzy),
        posted.get("note", "").strip(),
    )


def _rows(posted: QueryDict, prefix: str, names: Sequence[str]) -> list[Row]:
    """Fields repeat in the order of the rows; each row sends all of its fields."""
    columns = [posted.getlist(f"{prefix}-{name}") for name in names]
    many = min((len(column) for column in columns), default=0)
    return [Row({name: column[i].strip() for name, column in zip(names, columns, strict=True)}) for i in range(many)]


def _namespace(fields: dict[str, str], priority: int) -> dict[str, Any]:
    form = FIXED_FORMS.get(fields["name"])
    return {
        "name": fields["name"],
        "priority": priority,
        "form": form.value if form else fields["form"],
        "joins": fields["joins"] == "yes",
        "is_hard": fields["is_hard"] == "yes",
        "limit": _number(fields["limit"]),
        "window_days": _number(fields["window_days"]),
        "most_records": _number(fields["most_records"]) or fields["most_records"],
    }


def _fuzzy(fields: dict[str, str], kinds: Sequence[Row]) -> dict[str, Any]:
    return {
        "is_on": fields["is_on"] == "yes",
        "link": _share(fields["link"]),
        "review": _share(fields["review"]),
        "largest": _number(fields["largest"]) or fields["largest"],
        "kinds": {row.fields["trait"]: row.fields["kind"] for row in kinds},
    }


def _number(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _share(percent: str) -> float | str:
    try:
        return round(float(percent) / 100, 12)
    except ValueError:
        return percent


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
