"""Content that names a segment or a predictor is listed where these are: by conditions, tokens, modules."""

from typing import Any

import pytest

from campaigns.models import Campaign, Template
from scoring.models import Predictor
from scoring.uses import StillUsed, refuse_used
from scoring.uses import uses_of as uses_of_predictors
from segments.models import Segment
from segments.uses import uses_of
from tests.scoring.scores.made import a_predictor
from tests.taking_in import NOW

pytestmark = pytest.mark.django_db
Block = dict[str, Any]


def a_segment(name: str) -> Segment:
    return Segment.objects.create(name=name, rule={}, created_at=NOW, changed_at=NOW)


def a_template(name: str, *blocks: Block, kind: str = "mail", subject: Any = "Hi", **more: Any) -> Template:
    content = {"version": 2, "subject": subject, "blocks": list(blocks)}
    made = Template.objects.create(name=name, kind=kind, content=content, created_at=NOW, changed_at=NOW, **more)
    if kind == "mail":
        campaign = Campaign.objects.create(name=name, template=made, created_at=NOW)
        campaign.included.set([a_segment(f"Audience of {name}")])
    return made


def text(words: str = "a", **more: Any) -> Block:
    return {"id": "b1", "kind": "text", "text": words, **more}


def rule(leaf: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "root": {"kind": "all", "of": [{"kind": "not", "of": leaf}]}}


def used(segment: Segment) -> list[tuple[str, str]]:
    return sorted((one.kind, one.name) for one in uses_of([segment.pk])[segment.pk])


def predicted(predictor: Predictor) -> list[tuple[str, str]]:
    return sorted((one.kind, one.name) for one in uses_of_predictors([predictor.pk])[predictor.pk])


def test_segments_in_conditions_however_deep() -> None:
    segment, other = a_segment("Frequent Buyers"), a_segment("Other")
    leaf = {"kind": "segment", "id": segment.pk, "op": "in"}
    a_template("Subject", text(), subject={"cases": [{"when": rule(leaf), "then": "a"}], "else": "b"})
    a_template("Else", {**text(when=rule({"kind": "x"})), "else": text(when=rule(leaf))})
    a_template("Columns", {"id": "c", "kind": "columns", "columns": [[text(when=rule(leaf))], []]})
    a_template("Several", text(when=rule({"kind": "overlap", "segments": [segment.pk, 1], "op": "gte", "value": 2})))
    assert used(segment) == [("Campaign", name) for name in ("Columns", "Else", "Several", "Subject")]
    assert used(other) == []


def test_segments_and_predictors_by_tokens() -> None:
    segment, predictor = a_segment("Frequent Buyers"), a_predictor(name="Buys in 30 days")
    a_template("Named", text("{% if segments contains 'frequent buyers' %}a{% endif %}"))
    a_template("Varied", text(), subject={"cases": [], "else": '{% if segments contains "Frequent Buyers" %}a'})
    a_template("Scored", text("{{ scores.buys_in_30_days.value | default: 0 }}"))
    a_template("Quoted", text('{{ scores["Buys in 30 days"].band }}'))
    a_template("Only words", text("segments contains nothing, scores.high"))
    assert used(segment) == [("Campaign", "Named"), ("Campaign", "Varied")]
    assert predicted(predictor) == [("Campaign", "Quoted"), ("Campaign", "Scored")]
    with pytest.raises(StillUsed):
        refuse_used(predictor)


def test_modules_bring_what_they_name_and_the_library_counts() -> None:
    segment = a_segment("Frequent Buyers")
    naming = text("{% if segments contains 'Frequent Buyers' %}a{% endif %}")
    module = a_template("Head", naming, kind="module")
    a_template("By module", {"id": "m", "kind": "module", "module": module.pk})
    saved = a_template("To start from", naming, kind="saved")
    a_template("Archived", naming, kind="saved", archived_at=NOW)
    a_template("Another module", {"id": "m", "kind": "module", "module": saved.pk + 1000})
    assert used(segment) == [("Campaign", "By module"), ("Module", "Head"), ("Template", "To start from")]
    urls = {one.name: one.url for one in uses_of([segment.pk])[segment.pk]}
    assert urls["Head"] == f"/campaigns/mails/{module.pk}/"
