"""The published batch recipe glues junk to texts that end early; the engine does not."""

from __future__ import annotations

from typing import Any

import torch
from transformers import GenerationConfig

from got_loaders.engine import LocalEngine
from got_loaders.engine.checkpoint import TINY
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


def test_a_short_text_beside_a_long_one_ends_where_it_ends(tiny_engine: LocalEngine) -> None:
    """In a batch each of our texts is what its page alone gives; the recipe's short one is not."""
    reference = Reference(TINY)
    short, long = page(5, lines=1), page(6, lines=5)
    requests = [OcrRequest(images=(image,), max_new_tokens=160) for image in (short, long)]
    alone = [
        reference.processor.decode(reference.read(request), skip_special_tokens=True)
        for request in requests
    ]
    assert len(alone[0]) < len(alone[1])
    with torch.inference_mode():
        junk = published_recipe(reference, requests)
    assert junk[0].startswith(alone[0])
    assert len(junk[0]) > len(alone[0])
    ours = [tiny_engine.submit(request) for request in requests]
    assert [future.result(60).text for future in ours] == alone
