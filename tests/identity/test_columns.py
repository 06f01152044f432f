"""What a column holds, by its name and its content."""

import pytest

from identity.columns import Kind, kind_of

ANY = ["x1", "y2", "z3"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("given_name", Kind.FIRST_NAME),
        ("FirstName", Kind.FIRST_NAME),
        ("Vorname", Kind.FIRST_NAME),
        ("surname", Kind.LAST_NAME),
        ("LAST NAME", Kind.LAST_NAME),
        ("name", Kind.FULL_NAME),
        ("full_name", Kind.FULL_NAME),
        ("dob", Kind.BIRTH_DATE),
        ("date_of_birth", Kind.BIRTH_DATE),
        ("soc_sec_id", Kind.IDENTIFIER),
        ("SSN", Kind.IDENTIFIER),
        ("street_number", Kind.HOUSE),
        ("address_1", Kind.ADDRESS),
        ("Street", Kind.ADDRESS),
        ("suburb", Kind.CITY),
        ("postcode", Kind.ZIP),
        ("postcode_fake", Kind.ZIP),
        ("state", Kind.STATE),
        ("mobile_phone", Kind.PHONE),
        ("Tel.", Kind.PHONE),
        ("gender", Kind.GENDER),
        ("employer", Kind.COMPANY),
        ("occupation", Kind.TEXT),
        ("first", Kind.FIRST_NAME),
        ("last", Kind.LAST_NAME),
        ("middle", Kind.MIDDLE_NAME),
        ("midl_name", Kind.MIDDLE_NAME),
        ("first_and_surname", Kind.FULL_NAME),
        ("fname_c1", Kind.FIRST_NAME),
        ("by", Kind.BIRTH_YEAR),
        ("zip_code", Kind.ZIP),
        ("Postal Code", Kind.ZIP),
        ("res_zip", Kind.ZIP),
        ("postal_address", Kind.ADDRESS),
        ("job_post", Kind.TEXT),
        ("state_cd", Kind.STATE),
        ("res_city_desc", Kind.CITY),
        ("age", Kind.TEXT),
    ],
)
def test_by_name(header: str, kind: Kind) -> None:
    assert kind_of(header, ANY) is kind


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (["ada@example.org", "bob@example.org"], Kind.EMAIL),
        (["1971-06-24", "1980-01-02"], Kind.BIRTH_DATE),
        (["2024-06-24", "2025-01-02"], Kind.TEXT),
        (["+44 20 7946 0018", "(020) 7946-0018"], Kind.PHONE),
        (["m", "f"], Kind.GENDER),
        (["1", "2.5", "-3"], Kind.NUMBER),
        (["red", "green"], Kind.TEXT),
        ([], Kind.IGNORE),
    ],
)
def test_by_content(samples: list[str], kind: Kind) -> None:
    assert kind_of("c17", samples) is kind


def test_a_column_called_e_mail_that_holds_consents_is_none() -> None:
    assert kind_of("email", ["yes", "no"]) is Kind.TEXT
