"""Content, templates and people of the tests of the library."""

from typing import Any

from campaigns.library import making
from campaigns.models import Campaign, Template
from cdp.profiles.models import Profile, Record
from segments.models import Segment
from tests.cdp.rules.test_rules import rule, trait
from tests.taking_in import NOW, identify, take_in

GOLD, SILVER = rule(trait("level", "is", "gold")), rule(trait("level", "is", "silver"))


def text(name: str, words: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "text", "text": words, **more}


def content(*blocks: dict[str, Any], subject: Any = "Hello") -> dict[str, Any]:
    listed = [*blocks, {"id": "foot", "kind": "footer", "text": "Our shop, Main Street 1"}]
    return {"version": 2, "subject": subject, "preheader": "", "blocks": listed}


def chain() -> dict[str, Any]:
    """For gold, else for silver, else for all others."""
    others = text("b1e", "For you", when=SILVER, **{"else": text("b1f", "For all others")})
    return text("b1", "For gold", when=GOLD, **{"else": others})


def a_template(name: str = "T", *, kind: str = Template.Kind.SAVED, of: Any = None) -> Template:
    return making.create(name, kind=kind, content=of or content(text("b1", "One")), by=None, now=NOW)


def a_campaign_of(segment: Segment, of: Any = None, name: str = "C") -> Campaign:
    mail = Template.objects.create(name=name, content=of or content(chain()), created_at=NOW, changed_at=NOW)
    campaign = Campaign.objects.create(name=name, template=mail, sender="S <s@x.org>", created_at=NOW)
    campaign.included.set([segment])
    return campaign


def people(*levels: str) -> list[Profile]:
    """One for each, in order; `ann0` is called Ann Zero-Lastname, and so on."""
    take_in(
        [
            identify(
                f"u{n}", traits={"email": f"u{n}@x.org", "firstName": f"Ann{n}", "lastName": "Doe", "level": level}
            )
            for n, level in enumerate(levels)
        ]
    )
    ids = [Record.objects.get(key=f"user:u{n}").profile_id for n in range(len(levels))]
    found = Profile.objects.in_bulk(ids)
    return [found[pk] for pk in ids]
