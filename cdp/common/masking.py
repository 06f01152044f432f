"""The last guard of the logs: whatever an exception quotes, no e-mail address or phone number is written."""

import logging
import re

_ADDRESS = re.compile(r"[\w.+%'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?:\+|%2B)\d[\d ()/-]{6,}\d")


def masked(text: str) -> str:
    return _PHONE.sub("+…", _ADDRESS.sub("…@…", text))


class MaskedFormatter(logging.Formatter):
    """Masks the finished line, with its traceback: a database error quotes the row it refused."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
