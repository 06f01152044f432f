import logging
import logging.config
import sys

import pytest
from django.conf import settings

from cdp.common.masking import masked


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Key (value)=(ada@shop.example) already exists.", "Key (value)=(…@…) already exists."),
        ("/people/ada.l%2Bx%40shop.co.uk?x=1", "/people/…@…?x=1"),
        ("phone: +49 155 (12) 34567, next", "phone: +…, next"),
        ("tel=%2B4915512345678&", "tel=+…&"),
        ("live@host ready, 2026-05-01 10:20:30,123 UTC+02:00", "live@host ready, 2026-05-01 10:20:30,123 UTC+02:00"),
    ],
)
def test_what_names_a_person_is_masked(text: str, written: str) -> None:
    assert masked(text) == written


def test_tracebacks_in_the_log_are_masked_too() -> None:
    logging.config.dictConfig(settings.LOGGING)
    formatter = logging.getLogger().handlers[0].formatter
    assert formatter is not None
    try:
        raise ValueError("Key (email)=(ada@shop.example)")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "for %s", ("bob@shop.example",), sys.exc_info())
    line = formatter.format(record)
    assert "Traceback" in line
    assert "shop.example" not in line
