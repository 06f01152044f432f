"""How the REST API reads bodies. Apart from cdp/common/api.py: DRF's views load it by its name in the settings."""

import json
from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 5 * 1024 * 1024


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is larger than 5 MB. Send it in parts."


class StrictJson(BaseParser):
    """JSON, and not too much of it."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise TooLarge
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
