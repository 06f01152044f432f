"""Arrays and a header as bytes: a length, JSON, then the raw arrays. Nothing in it can run, unlike a pickle."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"tributary model 1\n"
KINDS: dict[str, "np.dtype[Any]"] = {
    "f8": np.dtype("<f8"),
    "i8": np.dtype("<i8"),
    "i4": np.dtype("<i4"),
    "b1": np.dtype("?"),
}
MOST_BYTES = 64 * 2**20
LENGTH = 8

Arrays = dict[str, NDArray[np.generic]]


class NotAnArtefact(ValueError):
    """These bytes are not a model that this version of Tributary wrote; train the predictor anew."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{self.__doc__} ({why})")


def packed(header: dict[str, Any], arrays: Arrays) -> bytes:
    """The same header and arrays give the same bytes."""
    kinds = {name: _kind(array) for name, array in sorted(arrays.items())}
    listed = [[name, kinds[name], list(arrays[name].shape)] for name in kinds]
    words = json.dumps({"header": header, "arrays": listed}, sort_keys=True, allow_nan=False).encode()
    raw = b"".join(np.ascontiguousarray(arrays[name], dtype=KINDS[kind]).tobytes() for name, kind in kinds.items())
    return MAGIC + len(words).to_bytes(LENGTH, "little") + words + raw


def unpacked(data: bytes) -> tuple[dict[str, Any], Arrays]:
    """NotAnArtefact unless every byte is accounted for."""
    if len(data) > MOST_BYTES:
        raise NotAnArtefact("too large")
    if not data.startswith(MAGIC):
        raise NotAnArtefact("it begins otherwise")
    at = len(MAGIC) + LENGTH
    end = at + int.from_bytes(data[len(MAGIC) : at], "little")
    if end > len(data):
        raise NotAnArtefact("cut off")
    try:
        told = json.loads(data[at:end])
        header, listed = dict(told["header"]), [(str(n), KINDS[k], tuple(map(int, s))) for n, k, s in told["arrays"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnArtefact("its header cannot be read") from error
    return header, _arrays(data[end:], listed)


def _arrays(raw: bytes, listed: list[tuple[str, "np.dtype[Any]", tuple[int, ...]]]) -> Arrays:
    found: Arrays = {}
    at = 0
    for name, kind, shape in listed:
        count = int(np.prod(shape, dtype=object)) if min(shape, default=0) >= 0 else -1
        if count < 0 or at + count * kind.itemsize > len(raw):
            raise NotAnArtefact(f"the array {name} is cut off")
        found[name] = np.frombuffer(raw, dtype=kind, count=count, offset=at).reshape(shape)
        at += count * kind.itemsize
    if at != len(raw):
        raise NotAnArtefact("more bytes than arrays")
    return found


def _kind(array: NDArray[np.generic]) -> str:
    for name, kind in KINDS.items():
        if array.dtype == kind:
            return name
    raise TypeError(f"arrays of {array.dtype} are not kept")
