"""The reference: transformers' processor and greedy ``generate``, one request at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, GotOcr2ForConditionalGeneration
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.got_ocr2.processing_got_ocr2 import GotOcr2Processor

from got_loaders.types import OcrRequest

NEAR_TIE = 1e-4
"""Two best logits closer than this may swap places by rounding alone."""


@dataclass
class Reference:
    """A checkpoint as transformers runs it, in float32 on the CPU."""

    folder: Path
    near_ties: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tokenizer: Any = AutoTokenizer.from_pretrained(self.folder)
        images: Any = GotOcr2ImageProcessorPil.from_pretrained(self.folder)
        processor: Any = GotOcr2Processor
        self.processor: Any = processor(images, tokenizer)
        self.model: Any = GotOcr2ForConditionalGeneration.from_pretrained(
            self.folder, dtype=torch.float32
        )
        self.tokens_per_tile: int = self.model.config.image_seq_length
        self.end_tokens = [
            tokenizer.convert_tokens_to_ids(text) for text in ("<|im_end|>", "<|endoftext|>")
        ]

    def inputs(self, request: OcrRequest) -> Any:
        """What the processor makes of ``request``."""
        images = list(request.images)
        options: dict[str, Any] = {"num_image_tokens": self.tokens_per_tile}
        if request.box is not None:
            options["box"] = list(request.box)  # a new list: the processor writes into it
        if request.crop_to_patches:
            options["min_patches"] = request.min_patches
            options["max_patches"] = request.max_patches
        inputs = self.processor(
            images if request.multi_page else images[0],
            return_tensors="pt",
            format=request.format,
            color=request.color,
            crop_to_patches=request.crop_to_patches,
            multi_page=request.multi_page,
            **options,
        )
        inputs.pop("num_patches", None)
        return inputs

    def read(self, request: OcrRequest, **options: Any) -> tuple[int, ...]:
        """The token ids that greedy ``generate`` writes."""
        inputs = self.inputs(request)
        written = self._generate(inputs, max_new_tokens=request.max_new_tokens, **options)
        return tuple(written.sequences[0, inputs["input_ids"].shape[1] :].tolist())

    def differs(self, request: OcrRequest, ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
        """Whether ``ours`` is a mismatch; a near tie at the first difference is noted instead."""
        if ours == theirs:
            return False
        pairs = zip(ours, theirs, strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
        if at >= len(theirs):
            return True
        written = self._generate(self.inputs(request), max_new_tokens=at + 1)
        best = written.logits[at][0].float().topk(2).values
        if float(best[0] - best[1]) >= NEAR_TIE:
            return True
        self.near_ties.append(f"token {at}: {float(best[0] - best[1]):.1e}")
        return False

    @torch.inference_mode()
    def _generate(self, inputs: Any, **options: Any) -> Any:
        return self.model.generate(
            **inputs,
            do_sample=False,
            eos_token_id=self.end_tokens,
            pad_token_id=self.end_tokens[1],
            return_dict_in_generate=True,
            output_logits=True,
            **options,
        )
