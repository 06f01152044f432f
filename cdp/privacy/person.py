"""Finds a person with all that they are known by: also merged, also only heard of."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from cdp.common.belongings import Person
from cdp.common.copying import Cursor, numbers, texts
from cdp.common.secrets import seal, unseal
from cdp.profiles.addresses import address

KINDS = ("email", "phone", "user_id", "anonymous_id")
"""What a text may be that nobody is known by."""
LONGEST_WORD = 200
MOST_WORDS = 500


def known_by(cursor: Cursor, text: str) -> list[int]:
    """The ids of the living people whom this names, or ever named: a uuid, an identifier of any kind, `kind:value`."""
    text = text.strip().replace("\0", "")
    if not text:
        return []
    namespace, _, rest = text.partition(":")
    forms = _forms(text) | (_forms(rest) if rest else set())
    cursor.execute(
        "select distinct coalesce(p.merged_into, p.id) from profiles_profile p where p.id in ("
        " select profile_id from profiles_identifier where value = any(%(forms)s::text[])"
        "   and (%(any)s or value = any(%(whole)s::text[]) or namespace = %(namespace)s)"
        " union select profile_id from profiles_record where (source_id, key) in"
        "   (select s.id, k from accounts_source s, unnest(%(keys)s::text[]) k)"
        " union select id from profiles_profile where uuid = %(uuid)s) order by 1",
        {
            "forms": texts(sorted(forms)),
            "whole": texts(sorted(_forms(text))),
            "any": not rest,
            "namespace": namespace.strip(),
            "keys": texts([text, f"user:{text}", f"anon:{text}"]),
            "uuid": _uuid(text),
        },
    )
    return [row[0] for row in cursor.fetchall()]


def of_profile(cursor: Cursor, profile_id: int) -> Person:
    """Everything that the person is known by who has, or once had, this id."""
    cursor.execute(
        "with one as (select coalesce(merged_into, id) id from profiles_profile where id = %s)"
        " select p.id, p.uuid::text from profiles_profile p, one where p.id = one.id or p.merged_into = one.id"
        " order by 1",
        [profile_id],
    )
    found = cursor.fetchall()
    ids = [row[0] for row in found]
    cursor.execute(
        "select id, key, traits::text from profiles_record where profile_id = any(%s::bigint[]) order by id",
        [numbers(ids)],
    )
    records = cursor.fetchall()
    held = [{name: value for name, (value, _) in json.loads(row[2]).items()} for row in records]
    said = held + _sayings(cursor, ids)
    record_ids = [row[0] for row in records]
    addresses = _addresses(cursor, ids, record_ids)
    return Person(
        profile_ids=tuple(ids),
        record_ids=tuple(record_ids),
        uuids=tuple(row[1] for row in found),
        addresses=addresses,
        forms=_written(said, [row[1] for row in records], {value for _, value in addresses}),
        words=_words(said),
    )


def unknown(text: str) -> Person:
    """Somebody whom no profile has: whatever the text may be."""
    text = text.strip().replace("\0", "")
    namespace, _, rest = text.partition(":")
    if rest and namespace in KINDS:
        found = {(namespace, address(namespace, rest))}
        text = rest.strip()
    else:
        kinds = ("email",) if "@" in text else KINDS
        found = {(kind, address(kind, text)) for kind in kinds}
        if "@" in text:
            found |= {(kind, text) for kind in ("user_id", "anonymous_id")}
    return Person(addresses=tuple(sorted(one for one in found if one[1])), forms=(text,))


def both(one: Person, other: Person) -> Person:
    """Everything that either is known by."""
    names = Person.__dataclass_fields__
    return Person(**{name: tuple(sorted({*getattr(one, name), *getattr(other, name)})) for name in names})


def packed(person: Person) -> bytes:
    """For as long as work on them goes on, unreadable without ENCRYPTION_KEYS."""
    plain = {name: getattr(person, name) for name in Person.__dataclass_fields__}
    return seal(json.dumps(plain), keys=settings.ENCRYPTION_KEYS)


def unpacked(sealed: "bytes | memoryview[int] | None") -> Person:
    plain: dict[str, Any] = json.loads(unseal(bytes(sealed or b""), keys=settings.ENCRYPTION_KEYS))
    addresses = tuple((namespace, value) for namespace, value in plain.pop("addresses"))
    return Person(addresses=addresses, **{name: tuple(values) for name, values in plain.items()})


def _forms(text: str) -> set[str]:
    found = {text, text.lower(), address("phone", text), address("email", text)}
    return {one for one in found if one}


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _addresses(cursor: Cursor, ids: Sequence[int], record_ids: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """What nobody else is known by: an address that a household shares belongs to the others as well."""
    cursor.execute(
        "select distinct i.namespace, i.value from profiles_identifier i where i.profile_id = any(%s::bigint[])"
        " and not exists (select from profiles_identifier o where o.namespace = i.namespace and o.value = i.value"
        " and o.record_id <> all(%s::bigint[])) order by 1, 2",
        [numbers(ids), numbers(record_ids)],
    )
    return tuple(cursor.fetchall())


def _sayings(cursor: Cursor, ids: Sequence[int]) -> list[dict[str, Any]]:
    cursor.execute("select traits::text from profiles_saying where profile_id = any(%s::bigint[])", [numbers(ids)])
    return [json.loads(row[0]) for row in cursor.fetchall()]


def _written(said: Sequence[dict[str, Any]], keys: Sequence[str], own: set[str]) -> tuple[str, ...]:
    """As their sources wrote it; of what others are known by as well, nothing."""
    forms = {rest if kind in ("user", "anon") else key for key in keys for kind, _, rest in [key.partition(":")]}
    found = {form for form in forms if form in own}
    for traits in said:
        for kind in ("email", "phone"):
            found |= {text for text in _texts(traits.get(kind)) if address(kind, text) in own}
    return tuple(sorted(found))


def _words(said: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    found = {text.lower() for traits in said for value in traits.values() for text in _texts(value)}
    return tuple(sorted(found)[:MOST_WORDS])


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    text = value.strip() if isinstance(value, str) else ""
    return [text] if 0 < len(text) <= LONGEST_WORD else []
