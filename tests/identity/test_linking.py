"""Accuracy with default parameters on people of other shapes, and that the order of rows does not count."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.parts import shapes
from identity.link_files import Request, link_files, read
from identity.linking import Linked, Options, link
from tests.cdp.connectors.importing import the_file
from tests.identity import made_people


def f1_of(groups: Sequence[object], truth: Sequence[object]) -> tuple[float, float]:
    """F1 and precision over pairs of records."""

    def pairs(labels: Sequence[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(labels).values())

    right = pairs(list(zip(groups, truth, strict=True)))
    precision, recall = right / max(pairs(groups), 1), right / pairs(truth)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision


def linked(files: Sequence[Path], *, id_column: str, truth: str) -> tuple[list[int], list[str]]:
    groups = grouped(Request(files, id_column, [truth]))[0]
    known = read(Request(files, id_column)).columns[truth][1].as_text()
    return groups, known


def grouped(request: Request) -> tuple[list[int], Linked]:
    records = read(request)
    out = link(records.columns, file=records.file, options=Options())
    return out.group.tolist(), out


FAKE_1000 = the_file("fake_1000.csv")


@pytest.mark.skipif(FAKE_1000 is None, reason="shared/data/fake_1000.csv is not beside the checkout")
def test_the_public_thousand() -> None:
    """Splink with its threshold chosen by the truth: F1 0.944; dedupe taught with 150 labels: 0.955."""
    assert FAKE_1000
    f1, precision = f1_of(*linked([FAKE_1000], id_column="unique_id", truth="cluster"))
    assert f1 >= 0.97
    assert precision >= 0.99


@pytest.mark.parametrize(("shape", "id_column", "least"), [("register", "rec_id", 0.99), ("shop", "Customer", 0.95)])
def test_households_twins_slips_and_nicknames(tmp_path: Path, shape: str, id_column: str, least: float) -> None:
    random = Random(11)
    rows = made_people.with_doubles(random, made_people.people(random, 1200))
    path = tmp_path / "people.csv"
    {"register": made_people.write_register, "shop": made_people.write_shop}[shape](path, rows)
    f1, precision = f1_of(*linked([path], id_column=id_column, truth="truth"))
    assert precision >= 0.985
    assert f1 >= least


def test_between_two_files(tmp_path: Path) -> None:
    random = Random(12)
    originals = made_people.people(random, 1500)
    copies = [made_people.corrupted(random, one) for one in originals[:900]]
    files = [tmp_path / "left.csv", tmp_path / "right.csv"]
    made_people.write_register(files[0], originals)
    made_people.write_register(files[1], copies)
    f1, precision = f1_of(*linked(files, id_column="rec_id", truth="truth"))
    assert precision >= 0.985
    assert f1 >= 0.98


@pytest.mark.parametrize(
    ("shape", "least"), [("history", 0.95), ("voters", 0.97), ("two files", 0.98), ("dirty", 0.96), ("sparse", 0.82)]
)
def test_files_of_other_shapes(tmp_path: Path, shape: str, least: float) -> None:
    """Without birth dates, without e-mail, in two files, with a third of all missing, misread by a scanner."""
    files = shapes.write(tmp_path, shape, records=4000)
    f1, precision = f1_of(*linked(files, id_column=shapes.ID, truth=shapes.TRUTH))
    assert precision >= 0.95
    assert f1 >= least


def test_a_name_alone_merges_nobody(tmp_path: Path) -> None:
    """First and last name are one piece of evidence, however rare they are."""
    path = tmp_path / "people.csv"
    others = made_people.people(Random(17), 300)
    path.write_text(
        "id,first,last,email,city\na,Zbigniew,Featherstone,a@x.org,\nb,Zbigniew,Featherstone,,York\n"
        + "".join(f"{one.person},{one.first},{one.last},{one.email},{one.town}\n" for one in others)
    )
    groups, _ = grouped(Request([path], "id"))
    assert len(set(groups)) == len(groups)


def test_numbered_test_people_are_different_people(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "id,first,last,email,city\n" + "".join(f"{n},First{n},Last{n},m{n}@x.org,Town{n}\n" for n in range(400))
    )
    groups, _ = grouped(Request([path], "id"))
    assert len(set(groups)) == len(groups)


def test_every_column_counts_however_many_there_are(tmp_path: Path) -> None:
    """Two of three records agree in the last of twenty columns."""
    random = Random(16)
    path = tmp_path / "wide.csv"
    words = [[f"w{random.randrange(10**6)}" for _ in range(19)] for _ in range(40)]
    wide = "".join(f"{n},{','.join(row)},K{n // 2}{n // 2}7\n" for n, row in enumerate(words))
    path.write_text("id," + ",".join(f"t{n}" for n in range(19)) + ",ssn\n" + wide)
    _, out = grouped(Request([path], "id"))
    assert len(out.fields) == 20


def test_people_without_doubles_stay_apart(tmp_path: Path) -> None:
    random = Random(13)
    path = tmp_path / "people.csv"
    made_people.write_shop(path, made_people.people(random, 2000))
    groups, _ = linked([path], id_column="Customer", truth="truth")
    assert len(set(groups)) >= 1990


SOME = made_people.with_doubles(Random(14), made_people.people(Random(14), 25))


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(SOME))))
def test_the_order_of_rows_does_not_change_groups(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    folder = tmp_path_factory.mktemp("order")
    made_people.write_shop(folder / "a.csv", SOME)
    header, *lines = (folder / "a.csv").read_text().splitlines()
    (folder / "b.csv").write_text("\n".join([header, *(lines[i] for i in order)]))
    one, two = (grouped(Request([folder / name], "Customer", ["truth"]))[0] for name in ("a.csv", "b.csv"))
    assert one == two


def test_the_order_of_rows_does_not_count_where_blocking_begins(tmp_path: Path) -> None:
    random = Random(15)
    rows = made_people.with_doubles(random, made_people.people(random, 1200))
    made_people.write_register(tmp_path / "a.csv", rows)
    header, *lines = (tmp_path / "a.csv").read_text().splitlines()
    random.shuffle(lines)
    (tmp_path / "b.csv").write_text("\n".join([header, *lines]))
    for name in "ab":
        link_files(Request([tmp_path / f"{name}.csv"], "rec_id", ["truth"]), out=tmp_path / name, options=Options())
    a, b = ((tmp_path / name / "pairs.csv").read_text() for name in "ab")
    assert a.replace("a.csv", "b.csv") == b
