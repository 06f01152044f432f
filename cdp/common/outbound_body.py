"""Reading a body no further than its cap, also where it is compressed."""

import zlib
from collections.abc import Iterator

from cdp.common.outbound_errors import OutboundFailed

WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def read_body(chunks: Iterator[bytes], *, encoding: str, most_bytes: int, is_cut: bool) -> bytes:
    """The body, decompressed. Over `most_bytes` it is refused, or ends there if `is_cut`."""
    body = bytearray()
    for part in _plain(chunks, encoding.strip().lower(), most_bytes):
        body += part
        if len(body) > most_bytes:
            if is_cut:
                return bytes(body[:most_bytes])
            raise OutboundFailed(f"The answer is larger than {most_bytes:,} bytes.", permanent=True)
    return bytes(body)


def _plain(chunks: Iterator[bytes], encoding: str, most_bytes: int) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        return chunks
    if encoding not in WINDOWS:
        raise OutboundFailed("The answer is compressed in a way that was not asked for.", permanent=True)
    return _inflated(chunks, zlib.decompressobj(WINDOWS[encoding]), most_bytes)


def _inflated(chunks: Iterator[bytes], inflate: "zlib._Decompress", most_bytes: int) -> Iterator[bytes]:
    """Never more than the cap and a byte at a time, whatever a small chunk would grow to."""
    is_empty = True
    for chunk in chunks:
        is_empty = is_empty and not chunk
        rest = chunk
        while rest and not inflate.eof:
            try:
                part = inflate.decompress(rest, most_bytes + 1)
            except zlib.error as error:
                raise OutboundFailed("The answer's compression is damaged.", permanent=False) from error
            rest = inflate.unconsumed_tail
            yield part
    if not is_empty and not inflate.eof:
        raise OutboundFailed("The answer ended before its compression did.", permanent=False)
