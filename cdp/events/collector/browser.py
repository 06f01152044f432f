"""What browsers fetch before they send: settings, the analytics.js library, RudderStack's source configuration."""

import re
from functools import lru_cache
from pathlib import Path

import msgspec

from cdp.events.collector.answers import JSON, Answer
from cdp.events.collector.keeper import LiveKey

_HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?")
_BUNDLE = re.compile(r"[\w.\-]+\.js")
_SCRIPT = (b"content-type", b"text/javascript; charset=utf-8")
_FRESH = (b"cache-control", b"public, max-age=300")

# The library looks for its home in the address of its own script, and only over https. Say it before it looks.
_HOME = """(function(){var s=document.currentScript,\
k=(s&&s.getAttribute("data-global-segment-analytics-key"))||"analytics",a=window[k]=window[k]||[];\
a._cdn=a._cdn||%s;a._writeKey=a._writeKey||%s})();
"""


def origin_host(host: bytes | None, fallback: tuple[str, int] | None) -> str:
    """Host and port as the browser sees them; a strange Host header is not repeated."""
    told = (host or b"").decode("latin-1")
    if _HOST.fullmatch(told):
        return told
    return f"{fallback[0]}:{fallback[1]}" if fallback else "localhost"


def settings_answer(write_key: str, *, host: str, scheme: str) -> Answer:
    """The least that makes @segment/analytics-next send here and nowhere else."""
    segment = {
        "apiKey": write_key,
        "apiHost": f"{host}/v1",
        "protocol": scheme,
        "unbundledIntegrations": [],
        "addBundledMetadata": True,
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }
    body = {
        "integrations": {"Segment.io": segment},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0, "host": f"{host}/v1"},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
        "autoInstrumentationSettings": {"sampleRate": 0, "disableTraffic": True},
    }
    return Answer(200, msgspec.json.encode(body), (JSON, _FRESH))


def source_config_answer(write_key: str, key: LiveKey) -> Answer:
    """What RudderStack's browser SDK asks its control plane; no destination runs in the browser."""
    source = {
        "id": str(key.source_id),
        "name": f"source {key.source_id}",
        "writeKey": write_key,
        "enabled": True,
        "workspaceId": "tributary",
        "connections": [],
        "destinations": [],
        "dataplanes": {},
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
    }
    body = {"source": source, "updatedAt": "2026-01-01T00:00:00.000Z", "isHosted": True}
    return Answer(200, msgspec.json.encode(body), (JSON, (b"cache-control", b"private, max-age=60")))


def snippet_answer(write_key: str, *, origin: str, vendor: Path) -> Answer:
    home = _HOME % (_script_text(origin), _script_text(write_key))
    return Answer(200, home.encode() + _read(vendor / "standalone.js"), (_SCRIPT, _FRESH))


def bundle_answer(name: str, vendor: Path) -> Answer | None:
    """A part the library fetches on demand."""
    path = vendor / name
    if not _BUNDLE.fullmatch(name) or not path.is_file():
        return None
    return Answer(200, _read(path), (_SCRIPT, (b"cache-control", b"public, max-age=31536000, immutable")))


def _script_text(text: str) -> str:
    return msgspec.json.encode(text).decode().replace("<", "\\u003c")


@lru_cache(maxsize=64)
def _read(path: Path) -> bytes:
    return path.read_bytes()
