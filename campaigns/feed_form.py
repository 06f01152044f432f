"""The form a feed is set up with. Values of headers go in and never come out."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from django import forms
from django.utils.text import slugify

from campaigns.feeds.address import Address, BadAddress, host_of, read_address
from campaigns.feeds.definition import compiled, violations
from campaigns.feeds.save import Plan
from campaigns.models import Feed
from cdp.common.outbound import OutboundRefused, Policy, check_headers
from cdp.common.outbound_target import check_public
from cdp.events.schemas import BadSchema, read_schema

MOST_HEADERS = 4
KEEPING = (
    (0, "not at all: ask for every batch"),
    (60, "1 minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3600, "1 hour"),
    (21_600, "6 hours"),
    (86_400, "1 day"),
)
LONGEST_FALLBACK = 50_000
ANEW = "The address leads to another host now. Enter the value anew, so that it is not told to the wrong one."


class FeedForm(forms.Form):
    name = forms.CharField(max_length=120, help_text="What your colleagues know it by: Weather, Prices, Stock.")
    key = forms.SlugField(
        max_length=60,
        required=False,
        help_text="Mails name the feed by it, so it cannot be changed later. Left empty, it is made of the name.",
    )
    url = forms.CharField(
        label="Address",
        max_length=2_000,
        help_text="Answers GET with JSON. After the host it may name what is known of the person: "
        "https://api.example.com/weather?city={{ profile.city }}. Values are encoded by themselves. "
        "Keys belong into headers: the address is shown to everybody who sees campaigns.",
    )
    timeout_ms = forms.IntegerField(label="Wait at most (milliseconds)", min_value=50, max_value=10_000, initial=1500)
    cache_s = forms.TypedChoiceField(label="Keep an answer for", choices=KEEPING, coerce=int, initial=300)
    most_kb = forms.IntegerField(label="Largest answer (KB)", min_value=1, max_value=1_000, initial=200)
    schema = forms.CharField(
        label="What an answer must look like",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="A JSON Schema. An answer that breaks it counts as failed. Empty: any JSON.",
    )
    fallback = forms.CharField(
        label="What stands for an answer that failed",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="JSON. Empty: blocks of this feed show what they say for that case.",
    )

    def __init__(
        self, *args: Any, policy: Policy, feed: Feed | None = None, kept: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        """`kept`: the headers the feed has."""
        self.feed, self.kept, self.policy = feed, kept or {}, policy
        self.address: Address | None = None
        kwargs["initial"] = _initial(feed, list(self.kept))
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_HEADERS + 1):
            self.fields[f"header_{number}"] = forms.CharField(
                label=f"Header {number}", required=False, max_length=100, widget=forms.TextInput(attrs=PLAIN)
            )
            self.fields[f"value_{number}"] = forms.CharField(
                label=f"Its value {number}", required=False, max_length=4_000, strip=False, widget=self._secret(number)
            )
        if feed:
            del self.fields["key"]

    def _secret(self, number: int) -> forms.PasswordInput:
        is_kept = number <= len(self.kept)
        return forms.PasswordInput(attrs={**PLAIN, "placeholder": "kept; type to replace it" if is_kept else ""})

    def header_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for number in range(1, MOST_HEADERS + 1):
            yield self[f"header_{number}"], self[f"value_{number}"]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        others = Feed.objects.exclude(pk=self.feed.pk) if self.feed else Feed.objects.all()
        if others.filter(name=name, archived_at=None).exists():
            raise forms.ValidationError("Another feed has this name.")
        return name

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            self.address = read_address(url)
            target = host_of(self.address)
            if not self.policy.is_own(target):
                check_public(target, ports=self.policy.ports)
        except (BadAddress, OutboundRefused) as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean_schema(self) -> dict[str, Any] | None:
        text = str(self.cleaned_data["schema"])
        try:
            return read_schema(text) if text.strip() else None
        except BadSchema as error:
            raise forms.ValidationError(str(error)) from error

    def clean_fallback(self) -> Any:
        text = str(self.cleaned_data["fallback"])
        if not text.strip():
            return None
        if len(text) > LONGEST_FALLBACK:
            raise forms.ValidationError(f"It is longer than {LONGEST_FALLBACK:,} characters.")
        try:
            return json.loads(text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise forms.ValidationError(f"This is not JSON: {error.msg} at {place}.") from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("This is not JSON that can be kept.") from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._clean_key(cleaned)
        self._clean_headers(cleaned)
        self._check_fallback(cleaned)
        return cleaned

    def _clean_key(self, cleaned: dict[str, Any]) -> None:
        if self.feed or "key" in self.errors:
            return
        cleaned["key"] = cleaned.get("key") or slugify(cleaned.get("name", ""))[:60]
        if not cleaned["key"]:
            self.add_error("key", "Give it a key of letters and digits.")
        elif Feed.objects.filter(key=cleaned["key"]).exists():
            self.add_error("key", "Another feed has this key, perhaps an archived one.")

    def _clean_headers(self, cleaned: dict[str, Any]) -> None:
        headers: dict[str, str] = {}
        for number in range(1, MOST_HEADERS + 1):
            name = cleaned.get(f"header_{number}", "")
            value = cleaned.get(f"value_{number}", "").strip(" ") or (
                self.kept.get(name, "") if self._leads_as_before() else ""
            )
            if not name:
                continue
            if not value:
                is_kept = name in self.kept and not self._leads_as_before()
                self.add_error(
                    f"value_{number}", ANEW if is_kept else "Give the header a value, or take its name away."
                )
                continue
            try:
                headers |= check_headers({name: value})
            except OutboundRefused as error:
                self.add_error(f"value_{number}", str(error))
        cleaned["headers"] = headers

    def _leads_as_before(self) -> bool:
        """Who may change an address must not learn by it what only the former host was to be told."""
        if self.feed is None or self.address is None:
            return False
        try:
            return host_of(read_address(self.feed.url)).origin == host_of(self.address).origin
        except BadAddress:
            return False

    def _check_fallback(self, cleaned: dict[str, Any]) -> None:
        schema, fallback = cleaned.get("schema"), cleaned.get("fallback")
        if schema is None or fallback is None:
            return
        try:
            validator = compiled(schema)
        except jsonschema_rs.ValidationError:
            return
        for found in violations(validator, fallback, most=1) if validator else []:
            self.add_error("fallback", f"It breaks the schema at {found.place}: {found.message}.")

    def plan(self) -> Plan:
        cleaned = self.cleaned_data
        return Plan(
            name=cleaned["name"],
            url=cleaned["url"],
            headers=cleaned["headers"],
            timeout_ms=cleaned["timeout_ms"],
            cache_s=cleaned["cache_s"],
            most_bytes=cleaned["most_kb"] * 1_000,
            schema=cleaned["schema"],
            fallback=cleaned["fallback"],
        )


PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _initial(feed: Feed | None, names: list[str]) -> dict[str, Any]:
    if feed is None:
        return {}
    return {
        "name": feed.name,
        "url": feed.url,
        "timeout_ms": feed.timeout_ms,
        "cache_s": feed.cache_s,
        "most_kb": max(1, feed.most_bytes // 1_000),
        "schema": written(feed.schema),
        "fallback": written(feed.fallback),
        **{f"header_{number}": name for number, name in enumerate(names, start=1)},
    }


def written(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def _no_constant(name: str) -> Any:
    raise ValueError(name)
