"""The prompt of a request, character by character as the model was trained on it.

transformers' processor puts a space before ``OCR`` and a second one after a colour; the model's own
repository does not (`GOT/utils/conversation.py` and `GOT/demo/run_ocr_2.0.py` there). Both frames
hold all images in one pair of ``<img>`` marks.
"""

from __future__ import annotations

from got_loaders.engine.config import PromptStyle
from got_loaders.types import OcrRequest

__all__ = ["IMAGE_TOKEN", "normalized_box", "prompt_text"]

IMAGE_TOKEN = "<imgpad>"  # noqa: S105  # a token of text, not of trust
_SYSTEM = "You should follow the instructions carefully and explain your answers in detail."


def prompt_text(request: OcrRequest, *, image_tokens: int, style: PromptStyle) -> str:
    """The whole prompt, with ``image_tokens`` placeholders: tiles times tokens a tile."""
    return (
        f"<|im_start|>system\n{_SYSTEM}<|im_end|>"
        f"<|im_start|>user\n<img>{IMAGE_TOKEN * image_tokens}</img>\n{_query(request, style)}"
        "<|im_end|><|im_start|>assistant\n"
    )


def _query(request: OcrRequest, style: PromptStyle) -> str:
    location = ""
    if request.color is not None:
        location = f"[{request.color}] "
    elif request.box is not None:
        location = str(list(normalized_box(request)))
    task = (
        "OCR"
        + (" with format" if request.format else "")
        + (" across multi pages" if request.multi_page else "")
        + (" upon the patch reference" if request.crop_to_patches else "")
        + ": "
    )
    if style == "hf" or request.box is not None:
        return f"{location} {task}"
    return location + task


def normalized_box(request: OcrRequest) -> tuple[int, int, int, int]:
    """The request's box in thousandths of its image, cut to the image; whole numbers, cut off."""
    width, height = request.images[0].size
    box = request.box.clipped(width, height) if request.box is not None else None
    if box is None:
        raise ValueError("the request has no box on its image")
    return (
        int(box.x0 / width * 1000),
        int(box.y0 / height * 1000),
        int(box.x1 / width * 1000),
        int(box.y1 / height * 1000),
    )
