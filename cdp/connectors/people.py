"""Rows about people: who they are, what they agreed to, who must not be written to."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from cdp.connectors.cells import BadCell, to_answer, to_email, to_time
from cdp.connectors.tables import Row
from cdp.connectors.units import Columns, Options, Problem, Unit, iso, sender, with_id
from cdp.privacy.consent import Address, Word
from cdp.profiles.addresses import address

NOBODY = "The row names nobody: it needs an id, an e-mail address or a phone number"
EMPTY_LISTS = frozenset({"[]", "{}", "none", "false", "no", "0"})


class Cell(Exception):
    """A cell of a column was not what it should be."""

    def __init__(self, column: str, error: BadCell) -> None:
        super().__init__(str(error))
        self.column = column


def people(rows: Iterable[Row], columns: Columns, options: Options) -> Iterator[Unit]:
    for row in rows:
        yield _unit(row, columns, options, is_person=True)


def consents(rows: Iterable[Row], columns: Columns, options: Options) -> Iterator[Unit]:
    """Words of addresses alone: no profile is made for someone who only said no."""
    for row in rows:
        yield _unit(row, columns, options, is_person=False)


def suppressions(rows: Iterable[Row], columns: Columns, options: Options) -> Iterator[Unit]:
    for row in rows:
        try:
            who = _addresses(row, columns)
        except Cell as error:
            yield Unit(problem=Problem(row.number, row.cells, error.column, str(error)))
            continue
        if who:
            yield Unit(suppressed=who)
        else:
            yield Unit(problem=Problem(row.number, row.cells, "", "The row has no e-mail address or phone number"))


def _unit(row: Row, columns: Columns, options: Options, *, is_person: bool) -> Unit:
    try:
        who = _addresses(row, columns)
        user_id = columns.text(row, "user_id")
        if not who and not user_id:
            raise Cell("", BadCell(NOBODY))
        unit = Unit(words=list(_words(row, columns, options, who or [("user_id", user_id)])))
        if any(text.strip().lower() not in EMPTY_LISTS for _, text in columns.each("suppressed", row)):
            unit.suppressed = who
        if is_person:
            unit.messages.append(_identify(row, columns, options, dict(who)))
    except Cell as error:
        return Unit(problem=Problem(row.number, row.cells, error.column, str(error)))
    return unit


def _addresses(row: Row, columns: Columns) -> list[Address]:
    found: list[Address] = []
    email, phone = columns.text(row, "email"), columns.text(row, "phone")
    if email:
        try:
            found.append(("email", to_email(email)))
        except BadCell as error:
            raise Cell(columns.header("email"), error) from error
    if phone:
        if not (form := address("phone", phone)):
            raise Cell(columns.header("phone"), BadCell(f"“{phone[:40]}” is not a phone number of 7 digits or more"))
        found.append(("phone", form))
    return found


def _identify(row: Row, columns: Columns, options: Options, who: dict[str, str]) -> dict[str, object]:
    traits = {column.detail: text for column, text in columns.each("trait", row)} | who
    external = [{"type": column.detail, "id": text} for column, text in columns.each("external", row)]
    said = sender(columns.text(row, "user_id"), who.get("email", ""), who.get("phone", ""))
    context = {"externalIds": external} if external else {}
    message = {"type": "identify", **said, "traits": traits, "context": context}
    if updated := columns.text(row, "updated_at"):
        message["timestamp"] = iso(_time(updated, columns.header("updated_at"), options))
    return with_id(message)


def _words(row: Row, columns: Columns, options: Options, who: list[Address]) -> Iterator[Word]:
    for column, text in columns.each("consent", row):
        answer = _answer(text, column.header)
        if answer is not None:
            at = _consent_time(row, columns, options, column.detail)
            yield from _each(who, column.detail, answer, at, options)
    for name, answer in (("granted_at", True), ("denied_at", False)):
        for column, text in columns.each(name, row):
            yield from _each(who, column.detail, answer, _time(text, column.header, options), options)


def _each(who: list[Address], about: str, answer: bool, at: datetime, options: Options) -> Iterator[Word]:
    purpose, _, topic = about.partition("/")
    for space, value in who:
        if space == _NAMESPACE.get(purpose, space) or len(who) == 1:
            yield Word(space, value, purpose, topic, answer, at, options.source_id, options.how)


_NAMESPACE = {"email-marketing": "email", "sms-marketing": "phone"}
"""Purposes that speak of one kind of address."""


def _consent_time(row: Row, columns: Columns, options: Options, about: str) -> datetime:
    for column, text in columns.each("consent_at", row):
        if column.detail == about:
            return _time(text, column.header, options)
    return options.now


def _answer(text: str, header: str) -> bool | None:
    try:
        return to_answer(text)
    except BadCell as error:
        raise Cell(header, error) from error


def _time(text: str, header: str, options: Options) -> datetime:
    try:
        return to_time(text, order=options.date_order, zone=options.zone)
    except BadCell as error:
        raise Cell(header, error) from error
