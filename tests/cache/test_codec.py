"""What is written is what comes back."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

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
    markup=st.sampled_from(["mathpix", "markdown"]),
    prompt_tokens=st.integers(0, 9999),
)


@given(results)
def test_an_answer_comes_back_as_it_was(result: OcrResult) -> None:
    """Equal in all that is compared, lone surrogates and all, and marked as kept."""
    back = decode_result(encode_result(result, "m"), "m")
    assert back == result
    assert back is not None
    assert back.prompt_tokens == result.prompt_tokens
    assert back.cached
    assert not result.cached


@pytest.mark.parametrize(
    "damaged", [b"", b"nonsense", zlib.compress(b"[]"), zlib.compress(b'{"text": 1, "tokens": 2}')]
)
def test_damage_is_no_answer(damaged: bytes) -> None:
    """It is found out, not passed on."""
    assert decode_result(damaged, "m") is None


WRITTEN_BEFORE = {
    "text": "text",
    "finish_reason": "length",
    "token_ids": [1, 2],
    "confidence": 0.5,
    "num_tokens": 2,
}
"""A payload as it was when results did not name their model."""


def test_a_result_without_a_model_gets_that_of_its_row() -> None:
    """Caches from before results named one are read, and say who read."""
    result = decode_result(zlib.compress(json.dumps(WRITTEN_BEFORE).encode("ascii")), "m")
    assert result == OcrResult(
        text="text", finish_reason="length", token_ids=(1, 2), confidence=0.5, num_tokens=2
    )
    assert result.model == "m"


def test_the_row_s_own_model_is_not_written_twice() -> None:
    """So versions from before results named one read what this one writes."""
    result = OcrResult(
        text="text", finish_reason="length", token_ids=(1, 2), confidence=0.5, num_tokens=2
    )
    for model in ("", "m"):
        payload = encode_result(replace(result, model=model), "m")
        assert json.loads(zlib.decompress(payload)) == WRITTEN_BEFORE


def test_another_model_s_name_is_kept() -> None:
    """An engine in front of several says which of them read."""
    back = decode_result(encode_result(OcrResult(text="x", model="second"), "both"), "both")
    assert back is not None
    assert back.model == "second"
