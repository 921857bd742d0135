"""The original repository's prompts and its n-gram rule, on request."""

from __future__ import annotations

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.types import OcrRequest
from tests.engine.pictures import page
from tests.engine.reference import Reference


def test_the_ngram_rule_equals_generates(random_folder: object) -> None:
    """no_repeat_ngram_size writes what generate writes with that option, in a mixed batch too."""
    reference = Reference(random_folder)  # type: ignore[arg-type]  # the fixture's Path
    config = EngineConfig(model=str(random_folder), device="cpu", no_repeat_ngram_size=2)
    requests = [OcrRequest(images=(page(n),), max_new_tokens=80) for n in range(4)]
    with LocalEngine(config) as engine:
        futures = [engine.submit(request) for request in requests]
        ours = [future.result(timeout=120).token_ids for future in futures]
    theirs = [reference.read(request, no_repeat_ngram_size=2) for request in requests]
    assert ours == theirs
    assert ours != [reference.read(request) for request in requests]


def test_the_ngram_rule_spares_crops_and_several_pages() -> None:
    """The original applies its rule to single uncut images only, and so does this."""
    config = EngineConfig(model="tiny", device="cpu", no_repeat_ngram_size=1)
    image = page(1, 600, 300)
    spared = (
        OcrRequest(images=(image,), crop_to_patches=True, max_patches=2, max_new_tokens=12),
        OcrRequest(images=(image, image), multi_page=True, max_new_tokens=12),
    )
    reference = Reference(TINY)
    with LocalEngine(config) as engine:
        for request in spared:
            assert engine.submit(request).result(60).token_ids == reference.read(request)


@pytest.mark.parametrize("format", [False, True])
def test_original_prompts_reach_the_model(format: bool) -> None:
    """With prompt_style="original" the model is asked without the processor's extra space."""
    request = OcrRequest(images=(page(1),), format=format, max_new_tokens=8)
    with LocalEngine(EngineConfig(model="tiny", device="cpu", prompt_style="original")) as engine:
        prepared = engine._preprocessor.prepare(request)
        text = engine._preprocessor._tokenizer.decode(
            list(prepared.prompt_ids), skip_special_tokens=False
        )
        assert "</img>\nOCR" in text
        assert engine.submit(request).result(60).num_tokens >= 1
