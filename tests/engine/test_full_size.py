"""The real model's architecture with random weights: as far as one gets without the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.types import OcrRequest
from tests.engine.checkpoints import save_processor, tokenizer
from tests.engine.pictures import page
from tests.engine.reference import Reference

PARAMETERS = 560_528_640
"""Of the published model: vision 89.7 M, projector 6.9 M, decoder 463.9 M."""


@pytest.fixture(scope="module")
def full_size(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of 2.2 GB: 1024-pixel tiles, 256 tokens each, 24 decoder layers."""
    folder = tmp_path_factory.mktemp("full") / "size"
    tokens = tokenizer()
    vocabulary = tokens.get_vocab()
    config: Any = GotOcr2Config(image_token_index=vocabulary["<imgpad>"], image_seq_length=256)
    config.text_config.eos_token_id = vocabulary["<|im_end|>"]
    config.vision_config.initializer_range = 0.02
    torch.manual_seed(0)
    model = GotOcr2ForConditionalGeneration(config)
    assert sum(weight.numel() for weight in model.parameters()) == PARAMETERS
    with torch.no_grad():
        torch.nn.init.normal_(model.model.vision_tower.pos_embed, std=0.5)
        for weight in model.model.multi_modal_projector.parameters():
            torch.nn.init.normal_(weight, std=0.05)
    model.save_pretrained(folder)
    save_processor(folder, tokens, size=1024)
    return folder


@pytest.mark.slow
def test_the_real_architecture_reads_as_transformers_does(full_size: Path) -> None:
    """At full size, pages of all kinds in one batch get the reference's tokens."""
    image = page(1, 1000, 1400)
    requests = [
        OcrRequest(images=(image,), max_new_tokens=12),
        OcrRequest(images=(page(2, 1400, 700),), format=True, max_new_tokens=20),
        OcrRequest(images=(image,), color="red", max_new_tokens=6),
        OcrRequest(
            images=(page(3, 2000, 1000),), crop_to_patches=True, max_patches=2, max_new_tokens=9
        ),
    ]
    with LocalEngine(EngineConfig(model=str(full_size), device="cpu")) as engine:
        futures = [engine.submit(request) for request in requests]
        ours = [future.result(timeout=600).token_ids for future in futures]
    reference = Reference(full_size)
    theirs = [reference.read(request) for request in requests]
    assert len(set(theirs)) == len(theirs)
    pairs = zip(requests, ours, theirs, strict=True)
    assert not [request for request, a, b in pairs if reference.differs(request, a, b)]
