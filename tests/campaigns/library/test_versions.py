"""Versions: one for each sitting, those with a name, what was sent; going back loses nothing."""

from datetime import timedelta

import pytest

from campaigns import content_save
from campaigns.content_back import go_back
from campaigns.library import versions
from campaigns.models import Campaign, Template
from tests.campaigns.library.cases import a_campaign_of, a_template, content, text
from tests.cast import Cast
from tests.cdp.rules.test_rules import trait
from tests.segments.test_refresh import a_segment
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def write(template: Template, words: str, *, by: object = None, after: timedelta = MINUTE) -> Template:
    fresh = Template.objects.get(pk=template.pk)
    new = content(text("b1", words))
    return content_save.save(fresh, content=new, revision=fresh.revision, by=by, now=NOW + after)  # type: ignore[arg-type]


def said(template: Template) -> list[tuple[str, str]]:
    """Kind and words of each version, the oldest first."""
    rows = template.versions.order_by("number")
    return [(one.kind, one.content["blocks"][0]["text"]) for one in rows]


def test_half_an_hour_of_one_person_is_one_version(cast: Cast) -> None:
    template = a_template()
    for minute, words in ((1, "a"), (5, "b"), (29, "c"), (31, "d"), (59, "e")):
        write(template, words, after=minute * MINUTE)
    assert said(template) == [("sitting", "c"), ("sitting", "e")]
    write(template, "f", by=cast.mara, after=60 * MINUTE)
    write(template, "g", by=cast.ada, after=61 * MINUTE)
    assert said(template)[2:] == [("sitting", "f"), ("sitting", "g")]


def test_saving_what_is_saved_already_makes_no_version() -> None:
    template = write(a_template(), "a")
    assert write(template, "a", after=2 * timedelta(hours=1)).revision == template.revision
    assert said(template) == [("sitting", "a")]


def test_a_named_version_is_not_written_over() -> None:
    template = write(a_template(), "a")
    versions.keep_named(template, note="Before the pictures", by=None, now=NOW + 2 * MINUTE)
    write(template, "b", after=3 * MINUTE)
    assert said(template) == [("named", "a"), ("sitting", "b")]
    assert template.versions.get(kind="named").note == "Before the pictures"


def test_to_go_back_keeps_what_stood_there_also_within_one_sitting() -> None:
    template = write(a_template(), "a")
    versions.keep_named(template, note="A", by=None, now=NOW)
    template = write(template, "b", after=2 * MINUTE)
    back = go_back(template.versions.get(note="A"), by=None, now=NOW + 3 * MINUTE)
    assert back.content["blocks"][0]["text"] == "a"
    assert back.revision == template.revision + 1
    assert said(template) == [("named", "a"), ("named", "b"), ("named", "a")]


def test_going_back_to_what_stands_there_changes_nothing() -> None:
    template = write(a_template(), "a")
    back = go_back(template.versions.get(), by=None, now=NOW + MINUTE)
    assert (back.revision, said(template)) == (template.revision, [("sitting", "a")])


def test_the_mail_of_a_started_campaign_stays_as_it_is() -> None:
    campaign = a_campaign_of(a_segment(trait("level", "is", "gold")))
    write(campaign.template, "a")
    write(campaign.template, "b", after=40 * MINUTE)
    Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENT)
    with pytest.raises(content_save.Started):
        go_back(campaign.template.versions.get(number=1), by=None, now=NOW + 50 * MINUTE)
    assert said(campaign.template) == [("sitting", "a"), ("sitting", "b")]
