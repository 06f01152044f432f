"""What an operator can set or call is documented, and what is documented exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
READS = re.compile(r"""(?:environ\.get\(|environ\[|env_bool\(|env_list\(|env_int\()\s*["']([A-Z][A-Z_]+)["']""")
NOT_OURS = {"PATH", "LC_ALL", "DJANGO_SETTINGS_MODULE"}


def settings_read() -> set[str]:
    files = [ROOT / "cdp" / "settings.py", *(ROOT / "cdp" / "runtime").glob("*.py")]
    files += (ROOT / "cdp" / "management" / "commands").glob("*.py")
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
