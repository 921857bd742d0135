"""The published batch recipe glues junk to texts that end early; the engine does not."""

from __future__ import annotations

from typing import Any

import torch
from transformers import GenerationConfig

from got_loaders.engine import LocalEngine
from got_loaders.engine.model.checkpoint import TINY
from got_loaders.types import OcrRequest
from tests.engine.pictures import page
from tests.engine.reference import Reference


def published_recipe(reference: Reference, requests: list[OcrRequest]) -> list[str]:
    """As transformers' documentation reads a batch, with the hub's generation settings (no end)."""
    processor, model = reference.processor, reference.model
    inputs = processor([request.images[0] for request in requests], return_tensors="pt")
    inputs.pop("num_patches", None)
    settings: Any = GenerationConfig
    model.generation_config = settings(pad_token_id=reference.end_tokens[1])
    written = model.generate(
        **inputs,
        do_sample=False,
        tokenizer=processor.tokenizer,
        stop_strings="<|im_end|>",
        max_new_tokens=160,
    )
    prompt = inputs["input_ids"].shape[1]
    return list(processor.batch_decode(written[:, prompt:], skip_special_tokens=True))


def test_short_texts_beside_a_long_one_end_where_they_end(tiny_engine: LocalEngine) -> None:
    """In a batch each of our texts is what its page alone gives; the recipe's short ones are not.

    Several short pages, since now and then a checkpoint writes one end mark after another.
    """
    reference = Reference(TINY)
    images = [*(page(seed, lines=1) for seed in range(5, 11)), page(6, lines=5)]
    requests = [OcrRequest(images=(image,), max_new_tokens=160) for image in images]
    alone = [
        reference.processor.decode(reference.read(request), skip_special_tokens=True)
        for request in requests
    ]
    with torch.inference_mode():
        published = published_recipe(reference, requests)
    glued = [theirs for theirs, text in zip(published, alone, strict=True) if theirs != text]
    assert len(glued) >= 2
    assert all(theirs.startswith(text) for theirs, text in zip(published, alone, strict=True))
    ours = [tiny_engine.submit(request) for request in requests]
    assert [future.result(60).text for future in ours] == alone
