"""The generated references are up to date, whole, and their examples mean what they say."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign, Template
from cdp.analytics.models import ComputedTrait
from cdp.events.collector import routes
from cdp.events.orders import KINDS
from cdp.help.contents import DOCS, ROOT
from cdp.help.management.commands import make_docs
from cdp.help.references import commands, events, examples, tracking
from cdp.help.references.events import MADE, properties_of
from cdp.help.references.examples import EXAMPLES, WINDOWS, Example
from cdp.help.references.pages import PAGES
from cdp.help.references.sentences import UNKNOWN, calls
from cdp.privacy.models import Purpose, Topic
from cdp.rules.parse import parse
from cdp.rules.registry import kinds
from cdp.rules.windows import KINDS as WINDOW_KINDS
from scoring.models import Cluster, Clustering, Predictor
from segments.models import Segment
from tests.taking_in import NOW

APPS = ("cdp", "identity", "segments", "scoring", "campaigns")
EXTERNAL = (*sorted((ROOT / "cdp" / "connectors").rglob("*.py")),)
"""Imports speak for other systems: what they put in is not made by the product."""


@pytest.mark.parametrize("name", PAGES)
def test_every_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text() == PAGES[name](), "run manage.py make_docs"


def test_the_command_writes_what_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_docs, "DOCS", tmp_path)
    monkeypatch.setattr(make_docs, "PAGES", {"roles": lambda: "text\n"})
    with pytest.raises(CommandError, match=r"roles\.md"):
        call_command("make_docs", "--check")
    assert not list(tmp_path.iterdir())
    call_command("make_docs")
    assert (tmp_path / "roles.md").read_text() == "text\n"
    call_command("make_docs", "--check")


def test_every_condition_has_an_example_and_every_window() -> None:
    assert set(EXAMPLES) == set(kinds())
    assert tuple(one["kind"] for one in WINDOWS) == WINDOW_KINDS


@pytest.fixture
def named(db: None) -> None:
    """What the examples name."""
    for pk, name in (examples.NEWCOMERS, examples.VALUABLE, examples.LAPSED):
        Segment.objects.create(pk=pk, name=name, rule={}, created_at=NOW, changed_at=NOW)
    for one in (examples.BUYS, examples.NEXT):
        Predictor.objects.create(pk=one.id, name=one.name, kind=one.kind, days=30, created_at=NOW)
    mail = Template.objects.create(name="Mail", content={}, created_at=NOW, changed_at=NOW)
    pk, name = examples.CAMPAIGN
    Campaign.objects.create(pk=pk, name=name, template=mail, sender="", created_at=NOW)
    clustering = Clustering.objects.create(pk=examples.KINDS[0], name=examples.KINDS[1], features=[], created_at=NOW)
    Cluster.objects.bulk_create(Cluster(pk=pk, clustering=clustering, name=name) for pk, name in examples.CLUSTERS)
    about = examples.NEWSLETTER
    purpose, _ = Purpose.objects.get_or_create(key=about.purpose, defaults={"name": about.purpose})
    Topic.objects.update_or_create(key=about.topic, defaults={"name": about.name, "purpose": purpose})
    ComputedTrait.objects.filter(key__in=[one.key for one in COMPUTED]).delete()
    for trait in COMPUTED:
        ComputedTrait.objects.create(
            pk=trait.id + 900_000,
            key=trait.key,
            label=trait.label,
            type=trait.type,
            is_zero_without=trait.is_zero_without,
            definition={},
            created_at=NOW,
            changed_at=NOW,
        )


COMPUTED = (examples.MONEY, examples.RECENCY, examples.FREQUENCY)
LOOKED_UP = [(kind, one) for kind, several in EXAMPLES.items() for one in several if one.leaf is not None]


@pytest.mark.parametrize(("kind", "example"), LOOKED_UP, ids=lambda one: one if isinstance(one, str) else "")
def test_an_example_that_looks_names_up_is_read_as_it_says(kind: str, example: Example, named: None) -> None:
    read: Any = parse({"version": 1, "root": example.json})
    assert read.kind == kind and example.leaf is not None
    assert read.english() == example.leaf.english()


def test_every_path_of_the_collector_is_documented() -> None:
    text = (DOCS / "tracking-api.md").read_text()
    assert all(f"`{path}`" in text for path in tracking.collected_routes())
    samples = {"{call}": "track", "{writeKey}": "wk", "{name}": "x.js"}
    for path, _ in tracking.ASKED:
        for mark, value in samples.items():
            path = path.replace(mark, value)
        assert routes.asking_of(path)


def test_every_code_of_the_quarantine_is_documented() -> None:
    found = {one[0] for one in calls("cdp.events.verdict", "Fault")}
    for file in sources():
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if "rejected(" in file.read_text() and module != "cdp.events.message":
            found |= {one[0] for one in calls(module, "rejected") if one}
    assert found - {UNKNOWN} <= set(tracking.CODES)
    assert {"plan", "money", "duplicate", "error", "identity", "consent"} <= found


def test_a_refusal_is_told_with_its_sentence() -> None:
    text = (DOCS / "tracking-api.md").read_text()
    for sentence in (
        "Send events with POST.",
        "The database does not answer; nothing was taken.",
        "at most 2500 are taken",
    ):
        assert sentence in text
    assert "{{" not in text


@pytest.mark.parametrize("name", commands.names())
def test_every_option_of_a_command_says_what_it_does(name: str) -> None:
    assert [one.dest for one in commands.options(name) if not one.help] == []


def sources() -> list[Path]:
    return [file for app in APPS for file in sorted((ROOT / app).rglob("*.py")) if file not in EXTERNAL]


def made_in(file: Path) -> Iterator[tuple[str, set[str]]]:
    """Events that a module tells of, by its text: the names, and the properties that it gives any of them."""
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    names = [one[0] for one in (*calls(module, "tell"), *calls(module, "Said")) if one]
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if "messageId" in pairs and isinstance(pairs.get("event"), ast.Name):
                imported = __import__(module, fromlist=["x"])
                names.append(str(getattr(imported, pairs["event"].id)))  # type: ignore[attr-defined]
    known = {one.name for one in MADE} | {name for name in names if name[:1].isupper() and name != UNKNOWN}
    for name in names:
        if name in known:
            yield name, set(properties(tree))


def properties(tree: ast.AST) -> Iterator[str]:
    """Keys of what is called properties, or `about`."""
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id == "about":
                value = node.value
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "about":
                assert isinstance(target.slice, ast.Constant)
                yield str(target.slice.value)
        elif isinstance(node, ast.keyword) and node.arg == "about":
            value = node.value
        elif isinstance(node, ast.Dict):
            for key, inner in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "properties":
                    yield from keys(inner)
        if isinstance(value, ast.Dict):
            yield from keys(value)


def keys(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Dict):
            yield from (str(key.value) for key in inner.keys if isinstance(key, ast.Constant))


TELLERS = [
    file
    for file in sources()
    if any(word in file.read_text() for word in ("internal_source", "campaigns.echo"))
    and "references" not in file.parts
]


def test_every_event_that_the_product_makes_is_documented() -> None:
    found = {name for file in TELLERS for name, _ in made_in(file)}
    documented = {one.name for one in MADE}
    assert found <= documented
    assert {"Unsubscribed", "Email Bounced", "Score Band Changed", "Offer Redeemed", "Subscription Confirmed"} <= found


def test_every_name_among_our_own_events_is_documented() -> None:
    from_table = {one.name for one in MADE}
    tree = ast.parse((ROOT / "cdp" / "events" / "ourselves.py").read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    titled = {text for text in texts if (" " in text and text.istitle()) or text.startswith("Email ")}
    assert titled and titled <= from_table


@pytest.mark.parametrize("module", sorted({module for one in MADE for module in one.modules}))
def test_every_property_of_our_events_is_documented(module: str) -> None:
    file = ROOT / (module.replace(".", "/") + ".py")
    given = set(properties(ast.parse(file.read_text())))
    said = {key for one in MADE if module in one.modules for key in properties_of(one)}
    assert given <= said
    told = ROOT / "campaigns" / "echo.py"
    assert set(properties(ast.parse(told.read_text()))) == set(events.OF_MAILS)


def test_orders_are_named() -> None:
    assert all(f"`{name}`" in (DOCS / "events.md").read_text() for name in KINDS)
