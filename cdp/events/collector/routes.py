"""The paths of the tracking API, as Segment's and RudderStack's clients know them."""

from dataclasses import dataclass

_LONG = ("track", "identify", "page", "screen", "group", "alias")


@dataclass(frozen=True, slots=True)
class Taking:
    """Where events are posted: `call` is `batch` or the type of a single event."""

    call: str
    lane: str = "live"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a browser fetches: `what` it is, and the write key if the path holds it."""

    what: str
    write_key: str | None = None
    call: str = ""


TAKING: dict[str, Taking] = {
    "/v1/batch": Taking("batch"),
    "/v1/b": Taking("batch"),
    "/v1/import": Taking("batch", lane="bulk"),
    "/beacon/v1/batch": Taking("batch"),
    **{f"/v1/{call}": Taking(call) for call in _LONG},
    **{f"/v1/{call[0]}": Taking(call) for call in _LONG},
}
_PIXEL = "/v1/pixel/"
_PREFIXES = ("/v1/", "/beacon/v1/", "/sourceConfig", "/analytics.js/v1/", "/analytics-next/bundles/")


def is_collectors(path: str) -> bool:
    return path in TAKING or path.startswith(_PREFIXES)


def taking_of(path: str) -> Taking | None:
    return TAKING.get(path) or TAKING.get(path.rstrip("/"))


def asking_of(path: str) -> Asking | None:
    """None for a path nobody serves."""
    parts = path.strip("/").split("/")
    match parts:
        case ["v1", "projects", key, "settings"]:
            return Asking("settings", key)
        case ["analytics.js", "v1", key, "analytics.min.js" | "analytics.js"]:
            return Asking("snippet", key)
        case ["analytics-next", "bundles", name]:
            return Asking("bundle", call=name)
        case ["sourceConfig"]:
            return Asking("source_config")
        case ["v1", "pixel", call] if call in _LONG:
            return Asking("pixel", call=call)
    return None
