"""A page of docs/ as HTML that the strict policy lets through, with links that lead somewhere."""

import re

import pytest

from cdp.help.markdown import headings_of, render, slug


def html(text: str) -> str:
    return str(render(text, pages={"rules", "api"}, images={"home.png"}).html)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Why did somebody get it, or not?", "why-did-somebody-get-it-or-not"),
        ("`trait`", "trait"),
        ("Opens, clicks & bounces", "opens-clicks--bounces"),
        ("In the last 7 days", "in-the-last-7-days"),
    ],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    assert slug(heading.replace("`", "")) == anchor
    assert [one.anchor for one in headings_of(f"# {heading}")] == [anchor]


def test_equal_headings_are_numbered() -> None:
    assert [one.anchor for one in headings_of("## Same\n\n## Same\n\n## Same")] == ["same", "same-1", "same-2"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("rules.md", "/docs/rules/"),
        ("rules.md#windows", "/docs/rules/#windows"),
        ("../docs/api.md", "/docs/api/"),
        ("../README.md", "/docs/"),
        ("#here", "#here"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_links_lead_to_the_served_pages(written: str, address: str) -> None:
    assert f'<a href="{address}"' in html(f"[read]({written})")


@pytest.mark.parametrize("written", ["../cdp/pipeline.py", "nothing.md", "../../etc/passwd", "images/none.png"])
def test_what_is_not_served_is_shown_without_a_link(written: str) -> None:
    found = html(f"[read]({written})")
    assert "<a" not in found and ">read</span>" in found


def test_images_are_served_beside_the_pages() -> None:
    assert 'src="/docs/images/home.png"' in html("![Home](images/home.png)")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '```"><script>alert(1)</script>\nx\n```',
        "| a |\n|--:|\n| <b onclick=x> |",
    ],
)
def test_nothing_active_comes_through(text: str) -> None:
    found = html(text)
    assert not re.search(r"<script|<img src=x|<b |href=\"(javascript|data):|style=", found)


def test_the_title_stands_above_and_not_in_the_text() -> None:
    page = render("# Rules\n\nText.", pages=(), images=())
    assert (page.title, str(page.html)) == ("Rules", "<p>Text.</p>\n")


def test_tables_keep_their_alignment_without_a_style() -> None:
    found = html("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert 'class="text-end"' in found and 'class="text-center"' in found and "style" not in found


def test_each_code_can_be_copied() -> None:
    found = html("    first\n\ntext\n\n```json\n{}\n```")
    assert (
        re.findall(r'data-copy="(code-\d)"', found)
        == re.findall(r'<code id="(code-\d)"', found)
        == ["code-1", "code-2"]
    )
