"""The protocol between the library and its worker: length-prefixed messages over two pipes.

A message is a JSON header (ASCII, so that odd file names travel) and raw bytes: a document on the
way there, pixels on the way back. Streams are raw, unbuffered files: a forked child that closes
its copies flushes nothing into its parent's worker.

Both sides import this module; it knows nothing of documents.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

Bytes = bytes | bytearray | memoryview
FailureKind = Literal["source", "password", "unsupported", "refused", "page"]

READY = b"\0got_loaders.pages: ready\n"
"""The worker's first words; whatever comes before was printed by somebody else."""

MAX_HEADER = 16 * 2**20
"""Bytes of a header; the longest hold a page's own text, which has 300,000 letters at most."""

MAX_PAYLOAD = 2 * 2**30
"""Bytes of an answer's pixels: 700 megapixels."""

_LENGTHS = struct.Struct("!IQ")


class MessageTooLongError(OSError):
    """The message is longer than a sane one can be."""


class WorkerFailure(Exception):  # noqa: N818  # it is no error of ours until the other side names it
    """Why the worker can't do as it was asked; the library adds source and page.

    ``memory``: there was not enough of it, which may be for what the worker did before.
    """

    def __init__(self, kind: FailureKind, reason: str, *, memory: bool = False) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.memory = memory


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """What is known of a document once it is open. ``document`` is its own information.

    ``warnings`` go with each of its pages.
    """

    total: int
    file_type: str
    document: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGeometry:
    """A page's label and size as it is shown; ``shape`` is pixels at a nominal 200 dpi."""

    label: str
    width: float
    height: float
    unit: Literal["pt", "px"]
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A page's picture: width and height, its RGB, and what could not be drawn of it."""

    size: tuple[int, int]
    pixels: Bytes = field(repr=False)
    damage: tuple[str, ...] = ()


def send(stream: BinaryIO, header: Mapping[str, Any], payload: Bytes = b"") -> None:
    """Write one message; blocks until the other side has taken it in.

    Writes nothing and raises :class:`MessageTooLongError` where the header is too long.
    """
    head = json.dumps(header).encode("ascii")
    if len(head) > MAX_HEADER:
        raise MessageTooLongError(f"a header of {len(head)} bytes")
    view = memoryview(payload).cast("B")
    _write_all(stream, memoryview(_LENGTHS.pack(len(head), len(view)) + head))
    _write_all(stream, view)


def receive(
    stream: BinaryIO, *, max_payload: int | None = None
) -> tuple[dict[str, Any], bytearray]:
    """Read one message; :class:`EOFError` where the other side is gone.

    Nothing is allocated for a header that is too long, or a payload of more than
    ``max_payload`` bytes: a worker that a document has taken over may say anything.
    """
    head_size, payload_size = _LENGTHS.unpack(_read_exactly(stream, _LENGTHS.size))
    if head_size > MAX_HEADER or (max_payload is not None and payload_size > max_payload):
        raise MessageTooLongError(f"a message of {head_size} and {payload_size} bytes")
    header: dict[str, Any] = json.loads(_read_exactly(stream, head_size))
    return header, _read_exactly(stream, payload_size)


def wait_until_ready(stream: BinaryIO) -> None:
    """Read up to and including :data:`READY`."""
    seen = b""
    while not seen.endswith(READY):
        byte = stream.read(1)
        if not byte:
            raise EOFError("the worker ended before it was ready")
        seen = (seen + byte)[-len(READY) :]


def _write_all(stream: BinaryIO, view: memoryview) -> None:
    while view:
        view = view[stream.write(view) :]


def _read_exactly(stream: BinaryIO, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = stream.readinto(view)  # type: ignore[attr-defined]  # every raw file has it
        if not count:
            raise EOFError("the worker's pipe was closed")
        view = view[count:]
    return data
