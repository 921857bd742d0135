"""Whether the data of a JBIG2 image are all there: MuPDF waits for more, and says nothing. Pure."""

from __future__ import annotations

import struct

__all__ = ["ends_early"]

_UNKNOWN = 0xFFFFFFFF


def ends_early(data: bytes) -> bool:
    """Whether a segment of an embedded stream (ITU-T T.88, 7.2) is longer than what is left."""
    at = 0
    while data[at:].strip(b"\0\r\n "):
        try:
            at, length = _segment_header(data, at)
        except (IndexError, struct.error):
            return True
        if length == _UNKNOWN:  # of a region whose end is told by its data
            return False
        at += length
        if at > len(data):
            return True
    return False


def _segment_header(data: bytes, at: int) -> tuple[int, int]:
    """Where the segment's data begin, and how many bytes it has."""
    number, flags, count = struct.unpack_from(">IBB", data, at)
    at += 6
    references = count >> 5
    if references == 7:  # the long form: a count of 29 bits, and a bit for each
        references = struct.unpack_from(">I", data, at - 1)[0] & 0x1FFFFFFF
        at += 3 + (references + 8) // 8
    at += references * (1 if number <= 256 else 2 if number <= 65536 else 4)
    at += 4 if flags & 0x40 else 1
    return at + 4, struct.unpack_from(">I", data, at)[0]
