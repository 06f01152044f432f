"""How each source introduces a person: account and guest orders in the shop, entries in the CRM."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cdp.connectors.demo import mess
from cdp.connectors.demo.people import PLACEHOLDER_EMAIL, Consents, Kind, Person
from cdp.connectors.demo.voice import CRM, SHOP, WEB, Voice, Who, iso

TIERS = ((1500.0, "platinum"), (700.0, "gold"), (250.0, "silver"), (0.0, "bronze"))
"""Euros spent in all, and the loyalty tier from there on."""
CRM_PRIME = 1_000_003
"""CRM numbers are a permutation of people's numbers: nothing shows who is who."""


def tier(spent: float) -> str:
    return next(name for least, name in TIERS if spent >= least)


def consent_context(consents: Consents) -> dict[str, Any]:
    """Segment's consent object, with the topics beside the categories."""
    return {
        "consent": {
            "categoryPreferences": {
                "analytics": consents.analytics,
                "advertising": consents.advertising,
                "email_marketing": consents.email,
            },
            "topicPreferences": dict.fromkeys(consents.topics, consents.email),
        }
    }


def account_traits(person: Person, joined_at: datetime, spent: float) -> dict[str, Any]:
    """What the shop's own system knows: clean, because customers type it for their own parcels."""
    home = person.household
    traits: dict[str, Any] = {
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "createdAt": iso(joined_at),
        "birthday": person.born_on.isoformat(),
        "address": {
            "street": f"{home.street} {home.house}",
            "city": home.city.name,
            "postalCode": home.postcode,
            "country": home.country.code,
        },
        "country": home.country.code,
        "locale": home.country.locale,
        "timezone": home.city.time_zone,
        "loyaltyTier": tier(spent),
    }
    if person.phone:
        traits["phone"] = person.phone
    return traits


def open_account(person: Person, at: datetime, device: str, spent: float, voice: Voice) -> None:
    """The shop's server tells everything; the browser, if it may, ties its anonymous visits to the account."""
    who = Who(person.user_id)
    voice.identify(SHOP, who, at, account_traits(person, at, spent), consent_context(person.consents))
    if person.consents.analytics:
        known = {"email": person.email, "firstName": person.first_name, "lastName": person.last_name}
        consent = consent_context(person.consents)
        voice.identify(WEB, Who(person.user_id, device), at + timedelta(seconds=2), known, consent)


def rethink(person: Person, at: datetime, device: str, voice: Voice) -> None:
    """Somebody opens the shop's privacy settings: advertising is off that was on, or the other way round."""
    consents = replace(person.consents, advertising=not person.consents.advertising)
    context = consent_context(consents) | {"traits": {"email": person.email}}
    del context["consent"]["topicPreferences"]
    del context["consent"]["categoryPreferences"]["email_marketing"]
    who = Who(person.user_id, device if consents.analytics else "")
    body = {"type": "track", "event": "Segment Consent Preference Updated", "properties": {}, "context": context}
    voice.say(WEB, who, at, body)


def order_as_guest(person: Person, order_id: str, device: str, at: datetime, voice: Voice, rng: Random) -> Who:
    """Each guest order is a customer of its own to the shop, unless the browser's id came along."""
    who = Who(anonymous_id=device if person.consents.analytics and rng.random() < 0.4 else f"guest-{order_id}")
    email = person.old_email if person.old_email and rng.random() < 0.3 else person.email
    email = mess.email_with_typo(email, rng) if rng.random() < 0.07 else mess.email_as_typed(email, rng)
    traits: dict[str, Any] = {"email": email, **mess.whole_name(person, rng), "address": mess.address(person, rng)}
    if person.phone and rng.random() < 0.7:
        traits["phone"] = mess.phone(person.phone, person.household.country.code, rng)
    traits["timezone"] = person.household.city.time_zone
    voice.identify(SHOP, who, at, traits, consent_context(person.consents))
    return who


def enter_in_crm(person: Person, at: datetime, voice: Voice, rng: Random) -> tuple[Who, str] | None:
    """Entries in the CRM: none for many, two for some. Returns the first with the address it holds."""
    chance = rng.random()
    if person.kind is Kind.VISITOR or (person.kind is not Kind.CRM and chance > 0.45):
        return None
    first: tuple[Who, str] | None = None
    for copy in range(2 if chance < 0.05 else 1):
        number = f"crm-{(person.number * 2 + copy) * 7919 % CRM_PRIME:06d}"
        who = Who(anonymous_id=number)
        email = _crm_email(person, rng)
        traits = mess.crm_traits(person, email, rng)
        traits["store"] = rng.choice(("Berlin Mitte", "London Soho", "Paris Marais", "Online"))
        context = {"externalIds": [{"id": number, "type": "crm_id", "collection": "users", "encoding": "none"}]}
        if person.kind is Kind.CRM and email:
            context |= consent_context(person.consents)
        voice.identify(CRM, who, at + timedelta(days=copy * rng.uniform(1, 40)), traits, context)
        first = first or (who, email)
    return first


def _crm_email(person: Person, rng: Random) -> str:
    chance = rng.random()
    if chance < 0.012:
        return PLACEHOLDER_EMAIL
    if chance < 0.14:
        return ""
    if chance < 0.26 and person.old_email:
        return person.old_email
    if chance < 0.33:
        return mess.email_with_typo(person.email, rng)
    return mess.email_as_typed(person.email, rng).strip()
