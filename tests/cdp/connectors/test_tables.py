import gzip
from pathlib import Path

import pytest

from cdp.connectors.tables import BadTable, Form, recognise, rows

TEXT = "Name;Größe\nÄda;1\nBób;2\n"


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (TEXT.encode(), Form("utf-8", ";", ("Name", "Größe"))),
        (b"\xef\xbb\xbf" + TEXT.encode(), Form("utf-8-sig", ";", ("Name", "Größe"))),
        (TEXT.encode("latin-1"), Form("cp1252", ";", ("Name", "Größe"))),
        (TEXT.encode("utf-16"), Form("utf-16", ";", ("Name", "Größe"))),
        (gzip.compress(TEXT.encode(), mtime=0), Form("utf-8", ";", ("Name", "Größe"))),
        (TEXT.replace(";", "\t").encode(), Form("utf-8", "\t", ("Name", "Größe"))),
    ],
)
def test_how_a_file_is_written(tmp_path: Path, body: bytes, form: Form) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(body)
    assert recognise(path) == form
    assert [row.cells for row in rows(path, form)] == [["Äda", "1"], ["Bób", "2"]]


def test_rows_are_as_wide_as_the_header_and_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b,a\n1,2,3\n\n"4\n4"\n,,\n5,6,7,8\n')
    form = recognise(path)
    assert form.headers == ("a", "b", "a (again)")
    assert [(row.number, row.cells, row.is_ragged) for row in rows(path, form)] == [
        (2, ["1", "2", "3"], False),
        (4, ["4\n4", "", ""], True),
        (6, ["5", "6", "7"], True),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b"\x1f\x8bnonsense", "cannot be unpacked"),
        (b",,\n1,2,3", "must name the columns"),
    ],
)
def test_what_is_no_table(tmp_path: Path, body: bytes, says: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(body)
    with pytest.raises(BadTable, match=says):
        recognise(path)


def test_a_file_cut_off_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 400_000, mtime=0)[:-900])
    form = recognise(path)
    with pytest.raises(BadTable, match="After row"):
        sum(1 for _ in rows(path, form))
