"""The longest common subsequence of two sequences, as blocks that hang together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["MatchingBlock", "common_blocks", "distance", "joined"]


class MatchingBlock(NamedTuple):
    """So many values that are the same on either side, and where they begin there."""

    left: int
    right: int
    length: int


def common_blocks(left: Sequence[int], right: Sequence[int]) -> list[MatchingBlock]:
    """A longest common subsequence: of several the one that rapidfuzz finds."""
    from rapidfuzz.distance import LCSseq  # here: reading needs none of it

    blocks = LCSseq.editops(left, right).as_matching_blocks()
    return [MatchingBlock(block.a, block.b, block.size) for block in blocks if block.size]


def joined(
    blocks: Iterable[MatchingBlock], left: Sequence[int], right: Sequence[int]
) -> list[MatchingBlock]:
    """As many matches, each block moved up to a longer neighbour where the values allow it.

    What stands on one side twice may be matched in either place. In the middle of what that side
    has alone it would part it, and hide where it belongs.
    """
    later: list[MatchingBlock] = []
    for block in reversed(list(blocks)):
        at, other, length = later[-1] if later else block
        before = MatchingBlock(at - block.length, other - block.length, block.length)
        if block.length < length and _can_be(block, before, left, right):
            later[-1] = MatchingBlock(before.left, before.right, block.length + length)
        else:
            later.append(block)
    kept: list[MatchingBlock] = []
    for block in reversed(later):
        at, other, length = kept[-1] if kept else block
        after = MatchingBlock(at + length, other + length, block.length)
        if block.length < length and _can_be(block, after, left, right):
            kept[-1] = MatchingBlock(at, other, length + block.length)
        else:
            kept.append(block)
    return kept


def distance(block: MatchingBlock, after: MatchingBlock) -> int:
    """The values between two blocks, on the side that has more of them."""
    return max(after.left - block.left, after.right - block.right) - block.length


def _can_be(
    block: MatchingBlock, place: MatchingBlock, left: Sequence[int], right: Sequence[int]
) -> bool:
    """Whether it can be moved along one side alone to a place where the same values stand."""
    if block.left != place.left and block.right != place.right:
        return False
    end, other_end = place.left + place.length, place.right + place.length
    same = left[block.left : block.left + block.length]
    return left[place.left : end] == same == right[place.right : other_end]
