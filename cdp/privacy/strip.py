"""What is left of a message without what identifies its sender: what happened, not to whom."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit, urlunsplit

KEPT_CONTEXT = frozenset({"app", "campaign", "consent", "consentManagement", "library", "locale", "os", "timezone"})
IDENTIFYING = frozenset(
    {
        "address", "advertisingid", "anonymousid", "birthday", "customerid", "deviceid", "dob", "email",
        "emailaddress", "firstname", "fullname", "ip", "ipaddress", "lastname", "phone", "phonenumber", "street",
        "surname", "token", "useragent", "userid", "username",
    }
)  # fmt: skip
"""Names of properties that identify, in lower case without separators."""
EMAIL = re.compile(r"[^\s@/?&=]+(?:@|%40)[^\s@/?&=]+\.[a-z]{2,}", re.IGNORECASE)
DEEPEST = 8


def pseudonym(identity: str, *, day: date, key: str) -> str:
    """Tells the visitors of one day apart and cannot be followed from day to day."""
    digest = hmac.new(key.encode(), f"{day:%Y-%m-%d}\0{identity}".encode(), hashlib.sha256).hexdigest()
    return f"stripped-{digest[:24]}"


def strip_context(context: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: clean(value) for name, value in context.items() if name in KEPT_CONTEXT}
    page = context.get("page")
    if isinstance(page, Mapping):
        kept["page"] = {name: clean(page[name]) for name in ("path", "title", "url") if name in page}
    return kept


def clean(value: Any, depth: int = 0) -> Any:
    """The value without identifying properties, e-mail addresses and the queries of links, at any depth."""
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {name: clean(one, depth + 1) for name, one in value.items() if not is_identifying(name)}
    if isinstance(value, list):
        return [clean(one, depth + 1) for one in value]
    return _clean_text(value) if isinstance(value, str) else value


def is_identifying(name: str) -> bool:
    """Whether what is called so identifies people."""
    return re.sub(r"[^a-z]", "", name.lower()) in IDENTIFYING


def _clean_text(text: str) -> str:
    if text.startswith(("http://", "https://")):
        try:
            parts = urlsplit(text)
        except ValueError:
            return ""
        text = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return EMAIL.sub("…", text)
