"""What an operator can set or call is documented, what is documented exists, and its links and examples hold.

Conditions, operators, events, options of commands: tests/cdp/help/test_references.py, tests/cdp/rules/test_docs.py.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cdp.accounts.roles import PERMISSIONS, WORDS, Role
from cdp.accounts.scopes import SCOPES
from cdp.events.collector.routes import asking_of, taking_of
from cdp.help.markdown import headings_of
from cdp.operations.metrics import METRICS, Metric

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
READS = re.compile(r"""(?:environ\.get\(|environ\[|env_bool\(|env_list\(|env_int\()\s*["']([A-Z][A-Z_]+)["']""")
NOT_OURS = {"PATH", "LC_ALL", "DJANGO_SETTINGS_MODULE"}
OURS = ("127.0.0.1:8000", "tributary.example")
ADDRESS = re.compile(rf"https?://(?:{'|'.join(map(re.escape, OURS))})(/[^\s'\"?]*)")
ANY = ("1", "00000000-0000-0000-0000-000000000000")
CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/api/[^\s?`]+)")
"""As docs name calls of the API in the midst of a sentence."""


def settings_read() -> set[str]:
    files = [ROOT / "cdp" / "settings.py", *(ROOT / "cdp" / "runtime").glob("*.py")]
    files += ROOT.glob("cdp/**/management/commands/*.py")
    return {name for file in files for name in READS.findall(file.read_text())} - NOT_OURS


def commands() -> set[str]:
    return {file.stem for file in ROOT.glob("**/management/commands/[a-z]*.py") if ".venv" not in file.parts}


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in OPERATIONS


def test_every_documented_setting_is_read() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, re.MULTILINE))
    read = "".join(file.read_text() for file in [*ROOT.glob("cdp/**/*.py"), ROOT / "Makefile"])
    assert not {name for name in documented if name not in read}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_documented(name: str) -> None:
    assert f"`manage.py {name}" in OPERATIONS
    assert f"## `{name}`" in (ROOT / "docs" / "commands.md").read_text()


def test_every_role_permission_and_scope_is_documented() -> None:
    text = (ROOT / "docs" / "roles.md").read_text()
    assert [name for name in (*WORDS, *SCOPES) if f"| `{name}` |" not in text] == []
    assert all(role.label in text for role in Role) and set(PERMISSIONS) == set(Role)


def test_every_metric_is_documented_with_its_labels() -> None:
    text = (ROOT / "docs" / "monitoring.md").read_text()
    assert [one.name for one in METRICS if not is_told(one, text)] == []


def is_told(metric: Metric, text: str) -> bool:
    row = re.search(rf"^\| `{metric.name}` \|.*$", text, re.MULTILINE)
    return row is not None and all(f"`{label}`" in row[0] for label in metric.labels)


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    return tuple(MarkdownIt("commonmark").enable("table").parse(page.read_text()))


@cache
def anchors(page: Path) -> frozenset[str]:
    return frozenset(one.anchor for one in headings_of(page.read_text()))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(where it leads, what is read), of links and images that stay among our files."""
    for token in tokens(page):
        children = token.children or []
        for number, child in enumerate(children):
            target = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if target and not re.match(r"[a-z]+:|/", target):
                end = next((k for k, one in enumerate(children) if k > number and one.type == "link_close"), number)
                yield target, "".join(one.content for one in children[number + 1 : end])


def dead(page: Path) -> list[str]:
    """Links to files, headings or tests that are not there."""
    found = []
    for target, read in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)) or not is_right_test(file, read):
            found.append(target)
    return found


def is_right_test(file: Path, name: str) -> bool:
    """Whether a link that reads like a test leads to the file that has it."""
    if file.suffix != ".py" or not name.startswith("test_") or name == file.stem:
        return True
    return name in {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_links_lead_to_files_headings_and_tests_that_exist(page: Path) -> None:
    assert dead(page) == []


def test_what_is_dead_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_one() -> None: ...\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n[a](none.md) [b](#one) [c](#two) [d](page.md#three) ![e](none.png)"
        " [test_a](test_a.py) [test_one](test_a.py) [test_two](test_a.py)\n\n"
        "    curl https://tributary.example/api/profiles/1\n    curl -X PUT https://tributary.example/api/nothing\n\n"
        "`GET /api/segments` and `DELETE /api/predictors`\n"
    )
    assert dead(page) == ["none.md", "#two", "page.md#three", "none.png", "test_a.py"]
    assert [one for one in (*curls(page), *calls(page)) if not is_served(one[1], one[0])] == [
        ("PUT", "/api/nothing"),
        ("DELETE", "/api/predictors"),
    ]


def test_what_works_names_a_test_in_each_row() -> None:
    """Or says that it is still to come."""
    text = (ROOT / "docs" / "what-works.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if re.match(r"\| (?!what \||---)", line)]
    assert len(rows) > 40
    assert [row[0] for row in rows if "](../tests/" not in row[1] and "**to come**" not in row[1]] == ["| Tests"]


def blocks(page: Path) -> Iterator[Token]:
    yield from (token for token in tokens(page) if token.type in ("fence", "code_block"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_json_is_json(page: Path) -> None:
    for block in blocks(page):
        if block.info.strip() == "json":
            json.loads(block.content)


def is_served(path: str, method: str) -> bool:
    """Whether the address exists and its view knows the method; `{id}` in it stands for any."""
    if "{" in path:
        return any(is_served(re.sub(r"\{[^}]*\}", one, path), method) for one in ANY)
    if taking_of(path):
        return method == "POST"
    if asking_of(path):
        return method == "GET"
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return kind is None or hasattr(kind, method.lower())


def curls(page: Path) -> Iterator[tuple[str, str]]:
    """(method, path) of each curl in the examples."""
    for block in blocks(page):
        for example in re.split(r"(?m)^\s*(?=curl )", block.content)[1:]:
            found = ADDRESS.search(example)
            if found:
                given = re.search(r"-X (\w+)", example)
                has_body = re.search(r"\s(-d|--data\S*)\s", example)
                yield given[1] if given else "POST" if has_body else "GET", found[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_examples_of_curl_name_routes_that_exist(page: Path) -> None:
    assert [(method, path) for method, path in curls(page) if not is_served(path, method)] == []


def test_examples_of_curl_were_found() -> None:
    assert len([one for page in PAGES for one in curls(page)]) > 12


def calls(page: Path) -> Iterator[tuple[str, str]]:
    for token in tokens(page):
        for child in token.children or ():
            if child.type == "code_inline" and (found := CALL.fullmatch(child.content.split("`")[0].split(" {")[0])):
                yield found[1], found[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_calls_of_the_api_that_are_named_exist(page: Path) -> None:
    assert [(method, path) for method, path in calls(page) if not is_served(path, method)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_commands_in_examples_exist(page: Path) -> None:
    for block in blocks(page):
        for line in block.content.splitlines():
            if (found := re.match(r"\s*(?:\S*python )?manage\.py (\w+)", line)) and found[1] not in DJANGOS:
                assert found[1] in commands(), line


DJANGOS = {"migrate", "check", "shell", "collectstatic", "createsuperuser"}
