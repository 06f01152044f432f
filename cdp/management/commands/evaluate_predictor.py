"""`manage.py evaluate_predictor ORDERS.csv …`: how well purchases and revenue would have been foretold on a file."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cdp.connectors.tables import BadTable
from scoring.evaluate import TARGETS, CannotEvaluate, Evaluated, Question, evaluate, is_cut_short
from scoring.models import Predictor
from scoring.order_files import Columns, NoOrders, NoSuchColumn, read_orders
from scoring.scratch import a_database
from scoring.train import SEED

BUDGET_S = 30.0
SAYS = {
    "n": "customers with an order by then",
    "base_rate": "share of them of whom it came true",
    "model": "chosen model",
    "auc": "AUC: right order of two customers, 0.5 is guessing",
    "auc_recency": "AUC of “who ordered last orders next”",
    "brier": "Brier score: mean squared error",
    "calibration_error": "calibration error: said beside came true, ten groups",
    "value_mae": "revenue per customer: mean absolute error",
}


class Command(BaseCommand):
    help = "Learns from a file's orders before a date, and measures on the days after it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, gzip or not: a row per order, or per line of an order")
        parser.add_argument("--customer", required=True, metavar="COLUMN", help="who ordered")
        parser.add_argument("--time", required=True, metavar="COLUMN", help="when")
        parser.add_argument("--value", required=True, metavar="COLUMN", help="or two, multiplied: Quantity*UnitPrice")
        parser.add_argument("--order", default="", metavar="COLUMN", help="lines of one order have the same here")
        targets, usual = [kind.value for kind in TARGETS], Predictor.Kind.PURCHASE.value
        parser.add_argument("--target", choices=targets, default=usual, help="what is foretold (%(default)s)")
        parser.add_argument("--days", type=_days, default=90, help="of how many days after it (%(default)s)")
        parser.add_argument("--as-of", required=True, type=_moment, metavar="DATE", help="the day up to which is known")
        parser.add_argument("--seed", type=int, default=SEED, help="of the generator")
        parser.add_argument("--budget", type=float, default=BUDGET_S, metavar="SECONDS", help="for trying candidates")
        parser.add_argument("--json", action="store_true", help="the figures as JSON")

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            found = self._evaluated(given)
        except (OSError, BadTable, NoSuchColumn, NoOrders, CannotEvaluate) as error:
            raise CommandError(str(error)) from error
        if given["json"]:
            self.stdout.write(json.dumps(asdict(found)))
            return
        for name, value in asdict(found).items():
            self.stdout.write(f"{SAYS[name]:<56} {_shown(value):>10}")

    def _evaluated(self, given: dict[str, Any]) -> Evaluated:
        columns = Columns(given["customer"], given["time"], given["value"], given["order"])
        read = read_orders(given["file"], columns)
        self._tell(f"{read.rows:,} rows; {read.without_customer:,} without a customer, {read.unreadable:,} unreadable")
        if is_cut_short(read.orders, days=given["days"], as_of=given["as_of"]):
            self._tell("The file ends before the days that are measured do: fewer orders than there will be.")
        with a_database():
            return evaluate(
                read.orders,
                Question(Predictor.Kind(given["target"]), given["days"], given["as_of"]),
                seed=given["seed"],
                budget_s=given["budget"],
                report=self._tell,
            )

    def _tell(self, text: str) -> None:
        self.stderr.write(text)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is not a date, such as 2011-09-09") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 366:
        raise ArgumentTypeError("from 1 to 366 days")
    return int(text)


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
