"""Exchange rates as a table of dates: `date,currency,rate`, one unit of the currency in the reporting currency."""

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction

from cdp.events.models import ExchangeRate
from cdp.events.money import ISO_4217

LARGEST = Decimal(10) ** 10
MOST_ROWS = 500_000
NAMES = ("date", "currency", "rate")


class BadRates(ValueError):
    """The table cannot be read; the message names the row and what would be right. Nothing of it was kept."""


def read_rates(text: str, *, reporting: str) -> list[ExchangeRate]:
    """The rows of the table. With a column `per` (as of the ECB: units of the currency for one of the reporting
    currency) instead of `rate`, the rate is its inverse."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if not {"date", "currency"} <= set(names) or not {"rate", "per"} & set(names):
        raise BadRates("The first row must be date,currency,rate (or date,currency,per for units per 1 of ours).")
    reader.fieldnames = names
    rates = []
    for number, row in enumerate(reader, start=2):
        if number > MOST_ROWS:
            raise BadRates(f"The table has more than {MOST_ROWS:,} rows; split it.")
        if any(row.values()):
            rates.append(_rate({key: str(value or "").strip() for key, value in row.items()}, number, reporting))
    return rates


def _rate(row: dict[str, str], number: int, reporting: str) -> ExchangeRate:
    currency = row["currency"].upper()
    if currency not in ISO_4217:
        raise BadRates(f"Row {number}: “{row['currency'][:20]}” is not a currency code of ISO 4217, such as USD.")
    if currency == reporting:
        raise BadRates(f"Row {number}: {reporting} is the reporting currency; its rate is always 1. Take the row out.")
    try:
        on = date.fromisoformat(row["date"])
        rate = Decimal(row["rate"]) if row.get("rate") else 1 / Decimal(row["per"])
    except (ValueError, ArithmeticError, InvalidOperation, KeyError) as error:
        raise BadRates(f"Row {number}: write the date as 2026-01-31 and the rate as a number above 0.") from error
    if not rate.is_finite() or not 0 < rate < LARGEST:
        raise BadRates(f"Row {number}: the rate must be above 0.")
    return ExchangeRate(currency=currency, valid_on=on, rate=rate)


@transaction.atomic
def save_rates(rates: list[ExchangeRate]) -> int:
    """A rate said again for its day replaces the earlier one. Values already computed stay as they are."""
    newest = {(rate.currency, rate.valid_on): rate for rate in rates}
    ExchangeRate.objects.bulk_create(
        newest.values(),
        update_conflicts=True,
        unique_fields=["currency", "valid_on"],
        update_fields=["rate"],
        batch_size=2_000,
    )
    return len(newest)
