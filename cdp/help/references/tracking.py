"""The reference of the tracking API: routes, shapes, limits, answers, from the collector's own modules."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from cdp.events import message, ourselves, seen, times
from cdp.events.collector import body, cors, keeper, limits, routes
from cdp.events.shape import MAX_BATCH_EVENTS, MAX_BODY_BYTES
from cdp.events.verdict import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_ID_CHARS,
    MAX_MESSAGE_ID_CHARS,
    MAX_NAME_CHARS,
)
from cdp.help.contents import ROOT
from cdp.help.references.sentences import UNKNOWN, calls
from cdp.help.references.text import block, code, made_by, table

TEXTS = Path(__file__).parent / "texts" / "tracking.md"
"""What no program can say: it is written by hand, around the marks `{{…}}` for what is made."""
REFUSING = ("app", "body", "limits", "browser")
KB = 1024

WHAT = {
    "batch": 'many calls of any type: `{"batch": […]}`',
    "track": "something happened: `event` is its name",
    "identify": "who it is, and what is known of them: `traits`",
    "page": "a page was looked at",
    "screen": "a screen of an app was looked at",
    "group": "the person belongs to a group: `groupId`, `traits` of the group",
    "alias": "`previousId` and `userId` are one person",
}


def page() -> str:
    parts = {
        "made": made_by("the collector's code"),
        "routes": routes_table(),
        "asked": asked_table(),
        "limits": limits_table(),
        "answers": answers_table(),
        "verdicts": verdicts_table(),
        "names": names_table(),
        "taken": block(TAKEN),
        "refused": block(REFUSED),
        "whole": block(WHOLE),
        "seen_days": str(seen.KEPT.days),
        "ahead": f"{times.AHEAD.seconds // 60} minutes",
        "trusted": f"{keeper.TRUSTED_FOR_S:g}",
        "preflight": str(dict(cors.preflight(None).headers)[b"access-control-max-age"].decode()),
        "expose": dict(cors.ORIGIN)[b"access-control-expose-headers"].decode(),
        "own_source": ourselves.NAME,
        "burst": f"{limits.BURST_S:g}",
        "codes": quarantine_table(),
        "sdks": sdk_rows(),
    }
    text = TEXTS.read_text(encoding="utf-8")
    for name, made in parts.items():
        text = text.replace("{{" + name + "}}", made)
    return text


TAKEN = {"success": True, "accepted": 2, "refused": []}
REFUSED = {
    "success": True,
    "accepted": 1,
    "refused": [{"index": 1, "messageId": "m-2", "code": "shape", "reason": "track needs a userId or an anonymousId."}],
}
WHOLE = {
    "success": False,
    "code": "rate",
    "message": "This source sends more than its 100 events per second; send again in 1 s.",
}


def routes_table() -> str:
    by_call: dict[tuple[str, str], list[str]] = {}
    for path, taking in routes.TAKING.items():
        by_call.setdefault((taking.call, taking.lane), []).append(path)
    return table(
        ("post to", "what"),
        [
            (code(*paths), WHAT[call] + ("; waits behind live traffic" if lane == "bulk" else ""))
            for (call, lane), paths in by_call.items()
        ],
    )


ASKED = (
    ("/v1/pixel/{call}", "an event in the address of an image; `{call}` is `track`, `identify`, `page`, …"),
    ("/v1/projects/{writeKey}/settings", "what analytics-next asks before it sends"),
    ("/analytics.js/v1/{writeKey}/analytics.min.js", "the browser library, set to send here"),
    ("/analytics-next/bundles/{name}", "parts of that library, on demand"),
    ("/sourceConfig", "what RudderStack's browser SDK asks before it sends"),
)


def asked_table() -> str:
    return table(("get", "what"), [(code(path), words) for path, words in ASKED])


def limits_table() -> str:
    rows = (
        ("a body, after decompression", f"{MAX_BODY_BYTES // KB} KB"),
        ("a body as sent, before it is read to the end", f"{body.ABSURD_BYTES // KB // KB} MB"),
        ("events in a batch", f"{MAX_BATCH_EVENTS:,}"),
        ("one event", f"{MAX_EVENT_BYTES // KB} KB"),
        ("nesting", f"{MAX_DEPTH} levels"),
        ("`messageId`", f"{MAX_MESSAGE_ID_CHARS} characters"),
        ("`userId`, `anonymousId`, `groupId`, `previousId`", f"{MAX_ID_CHARS} characters"),
        ("`event`, `name`, `category`", f"{MAX_NAME_CHARS} characters"),
        ("times", f"ISO 8601, from {EARLIEST_YEAR} to {LATEST_YEAR}"),
        ("time for a body to arrive", f"{body.READ_TIMEOUT_S:g} s"),
    )
    return table(("what", "at most"), rows)


def answers_table() -> str:
    """Each refusal of a whole request, once."""
    found = {("200", "", "Taken and kept. `refused` names the events that were not.")}
    found |= {("204", "", "The answer to a preflight (`OPTIONS`).")}
    for name in REFUSING:
        said = calls(f"cdp.events.collector.{name}", "Refused")
        found |= {(one[0], code(one[1]), one[2]) for one in said if one[1] != UNKNOWN}
    found |= {("400", code(one[0]), one[1]) for one in calls("cdp.events.shape", "BadBody")}
    return table(("status", "`code`", "sentence"), sorted(found))


def verdicts_table() -> str:
    found = {(code(one[0]), one[1]) for one in calls("cdp.events.verdict", "Fault") if one[0] != UNKNOWN}
    found |= {(code(one[2]), one[3]) for one in calls("cdp.events.verdict", "Refusal") if one[2] != UNKNOWN}
    return table(("`code`", "`reason`"), sorted(found))


def names_table() -> str:
    return table(("call", "becomes the event"), [(code(call), name) for call, name in message.EVENT_NAMES.items()])


CODES = {
    "shape": "no event: what the collector refused, or could not be read",
    "size": "too long",
    "characters": "characters that cannot be kept",
    "depth": "nested too deep",
    "plan": "breaks the tracking plan of a source that rejects",
    "consent": "the person denied the purpose; only a note without the content is kept",
    "money": "an amount in an unknown currency, or without a rate of its day",
    "identity": "names nobody: no identifier is left after the rules of identity",
    "duplicate": "a message id that was used before, with another content",
    "error": "the database would not store it",
}


def sdk_rows() -> str:
    """The versions that the tests install."""
    browsers = json.loads((ROOT / "tests" / "sdks" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    servers = re.findall(
        r"^(segment-analytics-python|rudder-sdk-python)==(\S+)",
        (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return "\n".join(f"| {code(name)} | {version} |" for name, version in sorted([*browsers.items(), *servers]))


def quarantine_table() -> str:
    return table(("code", "means"), [(code(name), words) for name, words in CODES.items()])


def collected_routes() -> Iterator[str]:
    """Every path that takes events or is asked for, for tests."""
    yield from routes.TAKING
    yield from (path for path, _ in ASKED)
