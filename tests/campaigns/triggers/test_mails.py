"""A mail may speak of what triggered it; a value that is not there is thought of."""

import pytest

from campaigns.content.problems import problems_of
from campaigns.content.vocabulary import Vocabulary
from campaigns.models import MailboxMessage
from campaigns.triggers import sampled, tokens
from cdp.events.shapes import fold
from cdp.profiles.models import Profile
from tests.campaigns.triggers.making import BLOCKS, a_campaign, a_person, happens, later, on_event, read_all, send_due

pytestmark = pytest.mark.django_db
SUBJECT = "Plan {{ event.plan | default: 'free' }}, {{ event.seats | default: 1 }} seats"


def test_each_mail_speaks_of_its_own_event() -> None:
    campaign = a_campaign(on_event(), subject=SUBJECT, reentry_days=0)
    a_person("ann")
    happens("ann", at=later(minutes=1), properties={"plan": "gold", "seats": 3})
    happens("ann", at=later(minutes=2), properties={"plan": "silver"})
    read_all(now=later(minutes=2))
    send_due(campaign, now=later(minutes=3))
    subjects = sorted(MailboxMessage.objects.values_list("subject", flat=True))
    assert subjects == ["Plan gold, 3 seats", "Plan silver, 1 seats"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ event.plan }}", "can be empty"),
        ("{{ event }}", "several parts"),
        ("{{ event.plan | default: 'free' }}", ""),
        ("{% if event.plan %}{{ event.plan }}{% endif %}", ""),
        ("{% for one in event.products %}{{ one.name | default: '' }}{% endfor %}", ""),
    ],
)
def test_a_default_is_asked_for(text: str, says: str) -> None:
    content = {"version": 2, "subject": text, "blocks": BLOCKS}
    found = [one.message for one in problems_of(content, vocabulary=Vocabulary.now())]
    assert bool(found) == bool(says)
    assert all(says in one for one in found)


def test_previews_take_the_persons_own_event_else_a_recent_one() -> None:
    campaign = a_campaign(on_event())
    for name in ("ann", "bob"):
        a_person(name)
    happens("ann", at=later(minutes=1), properties={"plan": "gold"})
    ann, bob = (Profile.objects.get(traits__name=name).pk for name in ("ann", "bob"))
    assert sampled.context_for(campaign, ann) == sampled.context_for(campaign, bob) == {"event": {"plan": "gold"}}
    happens("bob", at=later(minutes=2), properties={"plan": "free"})
    assert sampled.context_for(campaign, ann) == {"event": {"plan": "gold"}}
    assert sampled.context_for(campaign, None) == {"event": {"plan": "free"}}
    campaign.trigger = {"kind": "enters", "segment": 1}
    assert sampled.context_for(campaign, ann) == {}


def test_the_picker_offers_the_properties_of_what_starts_campaigns() -> None:
    a_campaign(on_event())
    a_person("ann")
    happens("ann", at=later(minutes=1), properties={"plan_name": "gold", "seats": 3, "tags": ["x"]})
    happens("ann", "Other", at=later(minutes=1), properties={"colour": "red"})
    fold(now=later(minutes=2))
    assert [(one.label, one.insert) for one in tokens.words()] == [
        ("Signed Up: plan name", '{{ event.plan_name | default: "" }}'),
        ("Signed Up: seats", "{{ event.seats | default: 0 }}"),
    ]
    vocabulary = Vocabulary.now()
    for one in tokens.words():
        content = {"version": 2, "subject": one.insert, "blocks": BLOCKS}
        assert problems_of(content, vocabulary=vocabulary) == []
