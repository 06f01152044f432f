"""`manage.py link` from file to file."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cdp.runtime.command import needs_servers

ROOT = Path(__file__).resolve().parents[2]
CRM = """id,First name,Surname,E-Mail,Born,Town
1,Robert,Byron,bob.byron@example.org,1971-06-24,York
2,Bob,Byron,Bob.Byron@Example.org,24/06/1971,York
3,Grace,Hopper,grace@example.org,1980-01-02,Leeds
4,Alan,Turing,alan@example.org,1985-03-09,Hull
5,Ada,Byron,ada@example.org,1990-07-12,York
"""
SHOP = """id;full_name;email;dob;city
1;"Hopper, Grace";grace@example.org;1980-01-02;Leeds
9;Linus Pauling;linus@example.org;1966-02-28;Bath
"""


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    path = tmp_path / "crm.csv"
    path.write_text(CRM)
    return path


def test_it_needs_no_server() -> None:
    assert not needs_servers(["manage.py", "link", "file.csv"])


def test_one_file(crm: Path, tmp_path: Path) -> None:
    """As its users run it: a process of its own, no database, an empty folder for state."""
    done = subprocess.run(
        [sys.executable, "manage.py", "link", str(crm), "--id", "id", "--out", str(tmp_path / "out")],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "cdp.settings", "VAR_DIR": str(tmp_path / "var")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "5 records are 4 people" in done.stdout
    assert not (tmp_path / "var" / "postgres").exists()
    groups = {row["id"]: row["group"] for row in table(tmp_path / "out" / "groups.csv")}
    assert groups == {"1": "1", "2": "1", "3": "2", "4": "3", "5": "4"}
    (pair,) = [row for row in table(tmp_path / "out" / "pairs.csv") if row["decision"] == "link"]
    assert (pair["file_a"], pair["id_a"], pair["file_b"], pair["id_b"]) == ("crm.csv", "1", "crm.csv", "2")
    assert float(pair["probability"]) > 0.9


def test_two_files_of_different_columns(crm: Path, tmp_path: Path) -> None:
    """Columns go together by what they hold, whatever they are called; a full name is taken apart."""
    shop = tmp_path / "shop.csv"
    shop.write_text(SHOP)
    call_command("link", crm, shop, "--id", "id", "--out", tmp_path / "out")
    groups = {(row["file"], row["id"]): row["group"] for row in table(tmp_path / "out" / "groups.csv")}
    assert len(groups) == 7
    assert groups["crm.csv", "3"] == groups["shop.csv", "1"]
    assert groups["crm.csv", "1"] != groups["shop.csv", "1"]
    assert list(groups.values()).count(groups["shop.csv", "9"]) == 1


def test_three_rows_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("id,name,email\n1,Ada Byron,ada@x.org\n2,Ada Byron,Ada@X.org\n3,Grace Hopper,g@y.org\n")
    call_command("link", path, "--id", "id", "--out", tmp_path / "out")
    assert [row["group"] for row in table(tmp_path / "out" / "groups.csv")] == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--id", "nr"], "no column 'nr'. It has: id, First name"),
        (["--id", "id", "--ignore", "colour"], "No file has a column 'colour'"),
        (["--id", "id", "--map", "Town=planet"], "'Town=planet' does not say COLUMN=KIND"),
        (["--id", "id", "--ignore", "First name,Surname,E-Mail,Born,Town"], "No column of the file can be compared"),
        (["--id", "id", "--link-from", "0.2"], "--review-from must not lie above"),
    ],
)
def test_what_cannot_be_done_is_said(crm: Path, tmp_path: Path, options: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint.replace("(", r"\(")):
        call_command("link", crm, *options, "--out", tmp_path / "out")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        call_command("link", tmp_path / "none.csv", "--id", "id", "--out", tmp_path)
