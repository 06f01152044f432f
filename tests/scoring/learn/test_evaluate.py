"""Evaluating on a file: the same figures whatever way it is written, and errors that say what is wrong."""

import gzip
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scoring.order_files import Columns, NoOrders, NoSuchColumn, read_orders
from scoring.scratch import TABLES
from tests.scoring.learn.made import START, bgnbd_orders
from tests.taking_in import rows

pytestmark = pytest.mark.django_db
KEYS = ["n", "base_rate", "model", "auc", "auc_recency", "brier", "calibration_error", "value_mae"]
AS_OF = "2025-08-03"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lines of orders, some without a customer, some of goods that came back."""
    orders = bgnbd_orders(260)
    lines = ["Invoice;Who;When;Pieces;Price"]
    for at, (person, day, worth) in enumerate(zip(orders.person, orders.at, orders.worth, strict=True)):
        when = (START + timedelta(days=float(day))).strftime("%d.%m.%Y %H:%M")
        price = f"{worth / 3:.2f}".replace(".", ",")
        lines += [f"{at};{person}.0;{when};2;{price} €", f"{at};{person}.0;{when};1;{price} €"]
        lines += [f"C{at};{person}.0;{when};-1;{price} €"] if at % 20 == 0 else []
        lines += [f"X{at};;{when};9;{price} €"] if at % 9 == 0 else []
    path = tmp_path_factory.mktemp("orders") / "orders.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def evaluated(path: Path, **more: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_predictor", str(path), *_options(**more), "--json", stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def _options(**more: str) -> list[str]:
    given = {"customer": "Who", "time": "When", "value": "Pieces*Price", "order": "Invoice", "as-of": AS_OF, **more}
    return [f"--{name}={value}" for name, value in {**given, "budget": "1"}.items()]


def test_it_prints_what_it_promises_and_leaves_nothing_behind(file: Path) -> None:
    found = evaluated(file)
    assert list(found) == KEYS
    orders = bgnbd_orders(260)
    by_then = orders.person[orders.at <= 540]
    assert found["n"] == len(set(by_then.tolist()))
    after = set(orders.person[(orders.at > 540) & (orders.at <= 630)].tolist()) & set(by_then.tolist())
    assert found["base_rate"] == pytest.approx(len(after) / found["n"])
    assert 0.6 < found["auc"] < 1 and found["auc"] > found["auc_recency"] - 0.02
    assert 0 < found["brier"] < 0.25 and 0 < found["value_mae"] < 200
    assert evaluated(file) == found
    temporary = rows("select relname from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r'")
    assert not {name for (name,) in temporary} & set(TABLES)


def test_without_json_it_is_a_table(file: Path) -> None:
    out = StringIO()
    call_command("evaluate_predictor", str(file), *_options(target="churn"), stdout=out, stderr=StringIO())
    assert len(out.getvalue().splitlines()) == len(KEYS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"customer": "Whom"}, "There is no column “Whom”. The file has: Invoice, Who, When, Pieces, Price."),
        ({"as-of": "2019-01-01"}, "Nobody had ordered by 2019-01-01"),
        ({"as-of": "2030-01-01"}, "Nothing can be measured after 2030-01-01"),
        ({"value": "Who*When"}, "have no time or no number"),
    ],
)
def test_errors_say_what_is_wrong(file: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        evaluated(file, **given)


def test_a_file_of_a_few_rows_is_evaluated_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("id,at,total\n7,2025-01-05,10.00\n8,2025-09-01,5\n")
    found = evaluated(path, customer="id", time="at", value="total", order="", **{"as-of": "2025-06-01"})
    assert (found["n"], found["base_rate"], found["auc"], found["model"]) == (1, 0.0, None, "none")


@pytest.mark.parametrize(
    ("times", "month"),
    [
        (["12/1/2010 8:26", "12/2/2010 9:00", "1/13/2011 9:00"], [12, 12, 1]),
        (["1/12/2010 8:26", "2/12/2010 9:00", "13/1/2011 9:00"], [12, 12, 1]),
        (["2010-12-01T08:26:00Z", "2010-12-02 10:00:00+02:00", "20110113"], [12, 12, 1]),
        (["1291191960", "1291278360", "1294909200"], [12, 12, 1]),
        (["01-Dec-2010", "02-Dec-2010", "13-Jan-2011"], [12, 12, 1]),
    ],
)
def test_times_are_read_as_they_are_written(tmp_path: Path, times: list[str], month: list[int]) -> None:
    path = tmp_path / "times.csv"
    path.write_text("c,t,v\n" + "".join(f"1,{time},2\n" for time in times))
    assert [at.month for at in read_orders(path, Columns("c", "t", "v")).orders.times] == month


def test_customers_and_columns_are_read_with_tolerance(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Cust;T;V\n17.0;2025-01-05;£1,250.50\n17;2025-01-06;(3.00)\nnan;2025-01-07;1\n;2025-01-07;1\n")
    read = read_orders(path, Columns("cust", "t", "v"))
    assert list(read.orders.customers) == ["17", "17"]
    assert list(read.orders.values) == [1250.5, -3.0]
    assert (read.rows, read.without_customer) == (4, 2)
    with pytest.raises(NoSuchColumn):
        read_orders(path, Columns("cust", "t", "a*b"))
    path.write_text("c,t,v\n,2025-01-05,1\n")
    with pytest.raises(NoOrders):
        read_orders(path, Columns("c", "t", "v"))
