"""What is written is what comes back."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from got_loaders.cache.codec import decode_result, encode_result
from got_loaders.types import OcrResult

results = st.builds(
    OcrResult,
    text=st.text(st.characters(exclude_categories=()), max_size=40),
    finish_reason=st.sampled_from(["stop", "length", "repetition"]),
    token_ids=st.lists(st.integers(0, 2**20), max_size=9).map(tuple),
    confidence=st.floats(0, 1),
    num_tokens=st.integers(0, 9999),
)


@given(results)
def test_an_answer_comes_back_as_it_was(result: OcrResult) -> None:
    """Equal in all that is compared, lone surrogates and all, and marked as kept."""
    back = decode_result(encode_result(result))
    assert back == result
    assert back is not None
    assert back.cached
    assert not result.cached


@pytest.mark.parametrize(
    "damaged", [b"", b"nonsense", zlib.compress(b"[]"), zlib.compress(b'{"text": 1, "tokens": 2}')]
)
def test_damage_is_no_answer(damaged: bytes) -> None:
    """It is found out, not passed on."""
    assert decode_result(damaged) is None
