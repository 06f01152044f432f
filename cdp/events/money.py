"""Amounts in any currency → the reporting currency, by dated rates. What was sent stays in the properties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.db.backends.utils import CursorWrapper

CENT = Decimal("0.01")
ONE = Decimal(1)
LIMIT = Decimal(10) ** 12
"""Event.value is numeric(14, 2)."""

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
ISO_4217 = frozenset(_CODES.split())
"""Active codes of ISO 4217 and the few that history still carries (HRK, SLL, ZWL)."""

Wanted = tuple[str, date]


class MoneyError(ValueError):
    """The amount cannot be brought into the reporting currency."""


@dataclass(frozen=True)
class Money:
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Rates:
    """The rates one batch needs: (currency, day) → one unit in the reporting currency."""

    reporting: str
    known: Mapping[Wanted, Decimal]

    def rate(self, currency: str, *, on: date) -> Decimal:
        if currency == self.reporting:
            return ONE
        rate = self.known.get((currency, on))
        if rate is None:
            raise MoneyError(
                f"There is no exchange rate from {currency} to {self.reporting} for {on}."
                " Add one under Data → Exchange rates, then replay."
            )
        return rate


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def number(value: Any) -> Decimal | None:
    """A finite number as sent (12, 12.5, "12.50"); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        parsed = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() and abs(parsed) < LIMIT else None


def currency_of(properties: Mapping[str, Any], *, reporting: str) -> str:
    """The ISO code of the properties; whoever names no currency speaks of the reporting one."""
    stated = properties.get("currency")
    if stated is None or stated == "":
        return reporting
    code = str(stated).strip().upper()
    if code not in ISO_4217:
        raise MoneyError(f"“{str(stated)[:20]}” is not a currency code of ISO 4217, such as EUR.")
    return code


def load_rates(cursor: CursorWrapper, wanted: Iterable[Wanted], *, reporting: str) -> Rates:
    """For each (currency, day) the newest rate of that day or before, in one query at most."""
    foreign = sorted({(currency, day) for currency, day in wanted if currency != reporting})
    if not foreign:
        return Rates(reporting=reporting, known={})
    cursor.execute(
        """select wanted.currency, wanted.day, newest.rate
             from unnest(%s::text[], %s::date[]) as wanted (currency, day)
             cross join lateral (select rate from events_exchangerate
                                  where currency = wanted.currency and valid_on <= wanted.day
                                  order by valid_on desc limit 1) newest""",
        [[currency for currency, _ in foreign], [day for _, day in foreign]],
    )
    return Rates(reporting=reporting, known={(code, day): rate for code, day, rate in cursor.fetchall()})
