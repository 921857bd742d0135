"""One integer → one mutated document. Pure, and the same in every run and process.

See :mod:`tests.fuzz.seeds` for what an integer depends on.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from tests.fuzz.pdf_mutations import PDF_MUTATIONS
from tests.fuzz.seeds import SEEDS, is_pdf, seed_document

__all__ = ["MUTATIONS", "flipped", "mutant", "truncated"]

Mutation = Callable[[bytearray, random.Random], None]

INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 2**31, 0xFFFFFFFF, 1000)
_HEAD = 64
_MOST_BYTES = 300_000
"""Splicing lets documents grow; no further than this."""


def mutant(number: int) -> tuple[str, bytes]:
    """The name and the bytes of a mutant: of seed ``number % len(SEEDS)``, changed 1 to 8 times."""
    dice = random.Random(number)
    name = SEEDS[number % len(SEEDS)]
    data = bytearray(seed_document(name))
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4, 8))):
        mutations = PDF_MUTATIONS if is_pdf(name) and dice.random() < 0.65 else MUTATIONS
        dice.choice(mutations)(data, dice)
        if len(data) < 2:
            data += b"%PDF-"
    if data.startswith(b"\x89PNG") and dice.random() < 0.7:
        _sum_up(data)
    return name, bytes(data[:_MOST_BYTES])


def flipped(data: bytes, count: int, dice: random.Random) -> bytes:
    """``data`` with ``count`` of its bytes replaced by random ones."""
    changed = bytearray(data)
    for _ in range(count):
        changed[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(changed)


def truncated(data: bytes, share: float) -> bytes:
    """The beginning of ``data``, one byte at least."""
    return data[: max(1, int(len(data) * share))]


def _flip_bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 5, 20, 100))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _change_bytes(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 3, 10, 50))):
        data[dice.randrange(len(data))] = dice.randrange(256)


def _interesting(data: bytearray, dice: random.Random) -> None:
    """A number that programs stumble over, of 1 to 8 bytes; in the header as often as elsewhere."""
    kind = dice.choice(("<B", ">H", "<H", ">I", "<I", ">Q", "<Q"))
    size = struct.calcsize(kind)
    value = dice.choice(INTERESTING) % 256**size
    place = dice.randrange(min(_HEAD, len(data)) if dice.random() < 0.5 else len(data))
    data[place : place + size] = struct.pack(kind, value)


def _truncate(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(1, len(data)) :]


def _cut(data: bytearray, dice: random.Random) -> None:
    low, high = _chunk(data, dice)
    del data[low:high]


def _double(data: bytearray, dice: random.Random) -> None:
    low, high = _chunk(data, dice)
    data[high:high] = data[low:high] * dice.choice((1, 1, 2, 30))


def _insert(data: bytearray, dice: random.Random) -> None:
    place = dice.randrange(len(data))
    data[place:place] = dice.choice((
        dice.randbytes(dice.choice((1, 4, 40, 400))),
        bytes(dice.choice((1, 16, 5000))),
        b"\xff" * dice.choice((1, 16, 5000)),
    ))  # fmt: skip


def _splice(data: bytearray, dice: random.Random) -> None:
    """A piece of another seed, in the place of one of ours or between two."""
    other = bytearray(seed_document(dice.choice(SEEDS)))
    low, high = _chunk(other, dice)
    place = dice.randrange(len(data))
    data[place : place + dice.choice((0, high - low))] = other[low:high]


def _move(data: bytearray, dice: random.Random) -> None:
    low, high = _chunk(data, dice)
    piece = data[low:high]
    del data[low:high]
    place = dice.randrange(len(data) + 1)
    data[place:place] = piece


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _flip_bits, _change_bytes, _interesting, _interesting, _interesting, _truncate,
    _cut, _double, _insert, _splice, _move,
)  # fmt: skip
"""For any file."""


def _chunk(data: bytearray, dice: random.Random) -> tuple[int, int]:
    low = dice.randrange(len(data))
    return low, min(len(data), low + dice.choice((1, 4, 16, 64, 512, 4096)))


def _sum_up(data: bytearray) -> None:
    """Correct a PNG's checksums as far as its chunks can be followed: else nothing is decoded."""
    place = 8
    while place + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, place)
        end = place + 8 + size
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[place + 4 : end]))
        place = end + 4
