"""What a column of somebody's file holds: by its name, and by what stands in it where the name does not tell."""

import re
from collections.abc import Sequence
from enum import StrEnum

from identity.normalize.dates import birth_date
from identity.normalize.words import words


class Kind(StrEnum):
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    """Parts of a birth date that stand in columns of their own. A year alone is compared as a number."""
    IDENTIFIER = "identifier"
    ADDRESS = "address"
    HOUSE = "house_number"
    CITY = "city"
    ZIP = "zip"
    STATE = "state"
    COUNTRY = "country"
    GENDER = "gender"
    COMPANY = "company"
    NUMBER = "number"
    TEXT = "text"
    IGNORE = "ignore"


_NAMES: tuple[tuple[Kind, str], ...] = (
    (Kind.EMAIL, r"e ?mail( address| addr| id)?|mail( address)?|.* e ?mail"),
    (
        Kind.PHONE,
        r"(.* )?(phone|tel|telephone|mobile|cell|handy|fax|telefon|msisdn)( ?(number|no|nr|num|[0-9]))?|"
        r"contact (number|no)|tel ?no",
    ),
    (
        Kind.BIRTH_DATE,
        r"dob|d o b|(date ?of ?)?birth( ?(date|dt))?|bdate|birthdate|birthday|born( on)?|(dt|date) (of )?birth|"
        r"geburtsdatum|geb datum|geburtstag",
    ),
    (Kind.BIRTH_YEAR, r"by|yob|birth ?year|year of birth|born year|geburtsjahr"),
    (Kind.BIRTH_MONTH, r"bm|birth ?month|month of birth|geburtsmonat"),
    (Kind.BIRTH_DAY, r"bd|birth ?day of month|day of birth|birth day"),
    (
        Kind.IDENTIFIER,
        r"ssn|(soc(ial)?|national|nat|tax|insurance) ?(sec(urity)?)?( insurance)? ?(id|no|nr|number)|"
        r"passport( ?(no|nr|number))?|nino|nin|tin|steuer ?id|medicare( ?(no|number))?|nhs( ?(no|number))?|"
        r"(loyalty|member|membership|customer|account|user)( ?card)? ?(id|no|nr|number)",
    ),
    (
        Kind.FIRST_NAME,
        r"(first|given|fore|christian)( ?names?)?( 1)?|(fname|f name)( c1)?|fn|vorname|voornaam|prenom|nombre|"
        r"name first",
    ),
    (
        Kind.MIDDLE_NAME,
        r"(middle|mid|midl|second given|second first)( ?(names?|initials?))?|mname|m name|mi|name middle|fname c2",
    ),
    (
        Kind.LAST_NAME,
        r"(last|family|sur|second)( ?names?)( 1)?|last|surname|sname|(lname|l name)( c1)?|ln|nachname|familienname|"
        r"achternaam|nom|cognome|apellidos?|name last",
    ),
    (
        Kind.FULL_NAME,
        r"(full|display|customer|contact|person|recipient)? ?name|first( name)? (and )?(sur|last|family) ?name",
    ),
    (Kind.HOUSE, r"(street|house|building|str|haus) ?(no|nr|number|num|nummer)|hausnr"),
    (Kind.ZIP, r"(.* )?(zip|zip ?code|post ?code|postal ?code|plz|postleitzahl)( cd)?( fake)?|zip ?5|post|postal"),
    (
        Kind.CITY,
        r"city|town|suburb|locality|village|place|ort|stadt|ville|ciudad|town city|"
        r"(.* )(city|town)( (desc|name))?|(city|town) name",
    ),
    (
        Kind.STATE,
        r"(state|province|region|county|bundesland|kanton)( ?(cd|code|name))?|"
        r"(.* )(state|province|county)( (cd|code|desc))?",
    ),
    (Kind.COUNTRY, r"country( ?(code|cd|name))?|land|pays|nation|(.* )country"),
    (Kind.ADDRESS, r"(.* )?(address|addr|adresse|street|strasse|road)( ?(line)? ?[0-9])?( ?name)?"),
    (Kind.GENDER, r"(gender|sex|geschlecht)( (cd|code|desc))?"),
    (Kind.COMPANY, r"company( name)?|organi[sz]ation|employer|firma|business( name)?|org"),
)
_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _NAMES]
_SPLIT_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)\+?[\d\s()./-]+")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_DATE = re.compile(r"\d{4}[-/.]?\d{2}[-/.]?\d{2}(?:[T ].*)?|\d{1,2}[-/. ]\w{2,9}[-/. ]\d{2,4}")
_MOSTLY = 0.8
_BIRTH_BEFORE = 2015
"""A date column without a telling name is one of birth if its years are those of people, most of them adults."""


class UnknownKind(ValueError):
    """No column can be that. Choose from the kinds in the documentation."""


def kind_of(header: str, samples: Sequence[str]) -> Kind:
    """`samples` are some hundred distinct values of the column, none empty. A column without any is ignored."""
    if not samples:
        return Kind.IGNORE
    by_name = _by_name(header)
    if by_name is Kind.EMAIL and _share(_EMAIL, samples) < 0.3:
        by_name = None
    return by_name or _by_content(samples)


def _by_name(header: str) -> Kind | None:
    name = words(_SPLIT_CAMEL.sub(" ", header))
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(name)), None)


def _by_content(samples: Sequence[str]) -> Kind:
    if _share(_EMAIL, samples) >= _MOSTLY:
        return Kind.EMAIL
    if _share(_DATE, samples) >= _MOSTLY:
        years = sorted(birth_date(sample) // 10000 for sample in samples)
        return Kind.BIRTH_DATE if 0 < years[len(years) // 2] < _BIRTH_BEFORE else Kind.TEXT
    if _share(_NUMBER, samples) >= _MOSTLY:
        return Kind.NUMBER
    if _share(_PHONE, samples) >= _MOSTLY:
        return Kind.PHONE
    lowered = {sample.strip().lower() for sample in samples}
    if len(lowered) <= 6 and lowered & {"m", "f", "male", "female"}:
        return Kind.GENDER
    return Kind.TEXT


def _share(pattern: re.Pattern[str], samples: Sequence[str]) -> float:
    return sum(bool(pattern.fullmatch(sample.strip())) for sample in samples) / len(samples)
