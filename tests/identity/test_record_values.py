"""Which traits are compared, and under which keys a record is found."""

from typing import Any

import pytest

from identity.columns import Kind
from identity.plain_keys import keys
from identity.record_values import COLUMNS, all_columns, compared, is_compared

NAMED = {"firstName": "Ada", "lastName": "Byron"}


def values(traits: dict[str, Any], *identifiers: tuple[str, str], **kinds: str) -> dict[str, str]:
    return compared({name: [value, ""] for name, value in traits.items()}, identifiers, kinds)


@pytest.mark.parametrize(
    ("traits", "found"),
    [
        ({"first_name": "Ada", "surname": "Byron", "dob": "10.12.1915"}, {"birth date": "1915-12-10"}),
        ({"name": "Byron, Ada", "email": "a@x.example"}, {"first name": "ada", "last name": "byron"}),
        ({**NAMED, "name": "Somebody Else", "email": "a@x.example"}, {"first name": "Ada", "last name": "Byron"}),
        ({**NAMED, "phone": "020 7946 0018", "country": "GB"}, {"phone": "+442079460018"}),
        ({**NAMED, "phone": "020 7946 0018", "mobile": "0171 5550100"}, {"other phone": "2079460018"}),
        ({**NAMED, "address": {"street": "12a High St", "postal_code": "W1"}}, {"house": "12a", "zip": "W1"}),
        ({**NAMED, "address": "12a High St"}, {"street": "12a High St", "house": "12a"}),
        ({**NAMED, "company": {"name": "Engines", "id": 7}}, {"company": "Engines"}),
        ({**NAMED, "gender": "Female", "city": "Ely"}, {"gender": "f", "city": "Ely"}),
    ],
)
def test_traits_by_the_names_segment_gives_them(traits: dict[str, Any], found: dict[str, str]) -> None:
    assert found.items() <= values(traits).items()


@pytest.mark.parametrize(
    "traits",
    [{}, {"plan": "gold"}, {"email": "a@x.example"}, NAMED, {**NAMED, "gender": "f", "country": "GB"}, {"birthday": 0}],
)
def test_who_tells_too_little_is_not_compared(traits: dict[str, Any]) -> None:
    assert values(traits) == {}


def test_the_rules_say_what_a_trait_is() -> None:
    assert values({**NAMED, "kunde_seit": "x1"}, kunde_seit="text")["kunde_seit"] == "x1"
    assert values({**NAMED, "geboren": "1979-03-14"}, geboren="birth_date")["birth date"] == "1979-03-14"
    assert "company" not in values({**NAMED, "company": "X", "city": "Ely"}, company="ignore")
    assert all_columns({"tax_id": "identifier", "geboren": "birth_date"}) == {**COLUMNS, "tax_id": Kind.IDENTIFIER}
    assert is_compared("tax_id", {"tax_id": "identifier"})
    assert not is_compared("email", {"email": "ignore"})
    assert not is_compared("plan", {})


def test_addresses_that_came_as_identifiers_count_beside_the_trait() -> None:
    found = values(NAMED | {"email": "a@x.example"}, ("email", "b@x.example"), ("email", "A@x.example"), ("till", "7"))
    assert (found["email"], found["other email"]) == ("a@x.example", "b@x.example")


@pytest.mark.parametrize("value", [None, True, [], ["a"], {"deep": {"er": 1}}, "", "  ", float("nan")])
def test_odd_values_are_no_error(value: Any) -> None:
    values(dict.fromkeys(("firstName", "email", "phone", "birthday", "address", "company"), value))


ADA = NAMED | {"birthday": "1979-03-14", "email": "ada@x.example", "phone": "+442079460018", "city": "Ely"}


@pytest.mark.parametrize(
    "other",
    [
        NAMED | {"city": "Elsewhere"},
        {"firstName": "Byron", "lastName": "Ada", "city": "Elsewhere"},
        {"lastName": "Biron", "birthday": "1979-09-09"},
        {"firstName": "Adah", "birthday": "14.3.1979"},
        {"lastName": "Byron", "birthday": "1997-03-14"},
        {"lastName": "Bairon", "city": "ELY"},
        {"firstName": "X", "lastName": "Y", "email": "ada@other.example"},
        {"firstName": "X", "lastName": "Y", "phone": "020 7946 0018"},
    ],
)
def test_for_each_kind_of_error_some_key_does_not_look_at_it(other: dict[str, Any]) -> None:
    assert set(keys(values(ADA), COLUMNS)) & set(keys(values(other), COLUMNS))


def test_strangers_share_no_key() -> None:
    stranger = {"firstName": "Zoe", "lastName": "Orr", "birthday": "1950-01-09", "email": "z@x.example", "city": "Ely"}
    assert not set(keys(values(ADA), COLUMNS)) & set(keys(values(stranger), COLUMNS))
