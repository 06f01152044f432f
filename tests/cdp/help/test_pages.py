"""The documentation as members see it: contents, pages, search, and nothing beside them."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from cdp.common.navigation import declared
from cdp.help.about import ABOUT, about
from cdp.help.contents import DOCS, entries, files, groups, images
from cdp.help.library import page
from cdp.help.markdown import headings_of
from cdp.help.search import MOST_FOUND, search
from tests.cast import the_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def vic() -> Client:
    return the_cast().client("vic")


def test_every_page_opens_under_its_title(vic: Client) -> None:
    for one in entries():
        answer = vic.get(f"/docs/{one.name}/")
        assert answer.status_code == 200
        assert f'aria-current="page">{escape(one.title)}<' in re.sub(r"\s*>\s*", ">", answer.text)


def test_the_contents_are_those_of_the_readme(vic: Client) -> None:
    text = vic.get("/docs/").text
    assert groups()[0].title == "Begin"
    assert all(f'href="/docs/{one.name}/"' in text for one in entries())


def test_every_file_is_among_the_contents() -> None:
    assert {one.name for one in entries()} == {path.stem for path in DOCS.glob("*.md")}


def test_pages_follow_one_another() -> None:
    order = entries()
    assert page(order[0].name).before is None and page(order[-1].name).after is None
    assert page(order[1].name).before == order[0] and page(order[1].name).after == order[2]


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing/",
        "/docs/../README/",
        "/docs/..%2F..%2Fetc%2Fpasswd/",
        "/docs/images/..%2Fidentity.md",
        "/docs/images/../../cdp/settings.py",
        "/docs/images/nothing.png",
        "/docs/images/%2Fetc%2Fpasswd",
        "/docs/identity.md/",
    ],
)
def test_no_path_leads_out_of_the_folder(path: str, vic: Client) -> None:
    assert vic.get(path).status_code == 404


def test_images_are_served(vic: Client) -> None:
    name = sorted(images())[0]
    answer = vic.get(f"/docs/images/{name}")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("image/")
    assert answer.getvalue() == images()[name].read_bytes()


def test_strangers_see_nothing() -> None:
    assert {Client().get(path).status_code for path in ("/docs/", "/docs/rules/", "/docs/search/?q=rules")} == {302}


def test_search_finds_the_section_that_is_about_it() -> None:
    found = search("double opt-in")
    assert (found[0].section.name, found[0].section.heading) == ("consent", "Double opt-in")
    assert any(piece.is_hit for piece in found[0].excerpt)


def test_search_wants_every_word() -> None:
    assert search("consent zzzzqqq") == []
    assert search("") == [] and len(search("the")) == MOST_FOUND


def test_what_is_searched_for_is_shown_as_text(vic: Client) -> None:
    text = vic.get("/docs/search/", {"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text and "Nothing found" in text
    assert "<mark>" in vic.get("/docs/search/", {"q": "webhook"}).text


@pytest.mark.parametrize("item", declared(), ids=lambda one: one.url_name)
def test_each_entry_of_the_navigation_is_explained(item: object) -> None:
    assert about(item.url_name)  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", sorted(set(ABOUT.values()) - {""}))
def test_each_explanation_exists(target: str) -> None:
    name, _, anchor = target.partition("#")
    assert name in files()
    assert not anchor or anchor in {one.anchor for one in headings_of(files()[name].read_text())}


def test_a_page_leads_to_its_explanation_and_to_help(vic: Client) -> None:
    text = vic.get("/segments/").text
    assert 'href="/docs/segments/"' in text and 'href="/docs/"' in text
    assert "page-help" not in vic.get("/docs/rules/").text
