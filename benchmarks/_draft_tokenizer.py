"""Tokenizers for `benchmarks.draft_steps`: the embedded model's, or the published model's rules.

The published model has the tokens of Qwen, whose ranks are a file of lines `base64 rank` that its
makers publish as `qwen.tiktoken`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from got_loaders.engine.model.checkpoint import TINY

Encode = Callable[[str], tuple[int, ...]]

_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen's tokenizer cuts a text before it looks for tokens in the pieces."""


def encoder(ranks: Path | None) -> Encode:
    """Text → token ids, by the file of ranks, or as the embedded model has it."""
    if ranks is None:
        core = Tokenizer.from_file(str(TINY / "tokenizer.json"))
    else:
        core = from_ranks(_read(ranks))
    return lambda text: tuple(core.encode(text, add_special_tokens=False).ids)


def from_ranks(ranks: dict[bytes, int]) -> Tokenizer:
    """The tokenizer that these ranks stand for: two tokens merge into one of lower rank first."""
    merges: list[tuple[str, str]] = []
    for token in sorted(ranks, key=lambda token: ranks[token]):
        halves = [(token[:at], token[at:]) for at in range(1, len(token))]
        known = [half for half in halves if half[0] in ranks and half[1] in ranks]
        known.sort(key=lambda half: (ranks[half[0]], ranks[half[1]]))
        merges += [(_shown(one), _shown(other)) for one, other in known]
    vocabulary = {_shown(token): rank for token, rank in ranks.items()}
    core = Tokenizer(models.BPE(vocabulary, merges))
    core.normalizer = normalizers.NFC()
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    return core


def _read(path: Path) -> dict[bytes, int]:
    lines = (line.split() for line in path.read_bytes().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def _byte_names() -> dict[int, str]:
    """A printable character for each byte, as byte-level tokenizers name them."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = count(256)
    return {byte: chr(byte if byte in printable else next(spare)) for byte in range(256)}


_NAMES = _byte_names()


def _shown(token: bytes) -> str:
    return "".join(_NAMES[byte] for byte in token)
