"""Regions found by any object-detection checkpoint that transformers knows.

The only part of the layout that computes with torch; torch and transformers are imported when the
first detector loads. Knows pictures and regions, not pages, documents or the engine.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from PIL import Image

from got_loaders._hub import model_key
from got_loaders._registry import Registry
from got_loaders.errors import EngineDeadError, OptionError
from got_loaders.layout.detector.postprocess import Detection, regions_from
from got_loaders.layout.detector.weights import load_detector, translate_errors
from got_loaders.types import Box, Region

__all__ = ["LayoutDetector", "shared_detector"]

MAX_SIDE = 2048
"""Pixels; larger pictures are reduced first. No known checkpoint looks at more than 1333."""
MIN_SCORE = 0.5
"""Detections less sure than this are left out."""


class LayoutDetector:
    """Finds the regions of a picture with an object-detection checkpoint.

    ``model`` is a hub id or a folder: DocLayNet-, PubLayNet- or docling-trained DETR, RT-DETR,
    D-FINE, YOLOS and others. It runs on CUDA where there is one, else on the CPU; float32 on both.

    May be called from many threads; the model itself runs in one thread of its own, since every
    further thread in which torch computes costs the others time on a CPU. Raises
    :class:`ModelNotFoundError` if the checkpoint is not to be had or is no object detector,
    :class:`MissingDependencyError` if it needs a package that is not installed, and
    :class:`EngineError` if it can't be loaded.
    """

    def __init__(self, model: str) -> None:
        if not isinstance(model, str) or not model:
            raise OptionError(f"layout_model={model!r}: expected a hub id or a folder")
        self.model = model
        self._process = os.getpid()
        self._device = _device()
        self._processor, self._network = load_detector(model, self._device)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="layout-detector")
        self._closed = False

    @property
    def alive(self) -> bool:
        """False once it was closed, and in a process forked after it was loaded."""
        return not self._closed and self._process == os.getpid()

    def find_regions(self, image: Image.Image) -> tuple[Region, ...]:
        """The regions of ``image`` in reading order, boxes in its pixels; blocks until done.

        At most 200, clipped to the image; nothing is within or over another by more than a part.
        An :class:`EngineError` tells what went wrong in the model.
        """
        if not self.alive:
            raise EngineDeadError(
                f"layout_model={self.model!r} was closed, or loaded before this process was "
                "forked; ask shared_detector for one that works here"
            )
        size = f"{image.width} × {image.height} pixels"
        with translate_errors(self.model, f"failed on a picture of {size}"):
            inputs = self._processor(images=_reduce(image), return_tensors="pt")
            detections, ordered = self._thread.submit(self._detect, inputs, image.size).result()
        return regions_from(detections, width=image.width, height=image.height, ordered=ordered)

    def close(self) -> None:
        """Free the model's memory once running calls are done. A second call is fine."""
        self._closed = True
        if self._process == os.getpid():
            self._thread.shutdown()
        self._network = None

    def _detect(self, inputs: Any, size: tuple[int, int]) -> tuple[list[Detection], bool]:
        """The detections, and whether they come in reading order; in the detector's thread."""
        import torch

        width, height = size
        with torch.inference_mode():
            outputs = self._network(**inputs.to(self._device))
            (output,) = self._processor.post_process_object_detection(
                outputs, threshold=MIN_SCORE, target_sizes=[(height, width)]
            )
        labels = self._network.config.id2label
        rows = (output[name].tolist() for name in ("boxes", "scores", "labels"))
        detections = [
            Detection(Box(*box), score, str(labels.get(label, "")))
            for box, score, label in zip(*rows, strict=True)
        ]
        return detections, "order_seq" in output  # PP-DocLayout's rank; its lists are sorted by it


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _reduce(image: Image.Image) -> Image.Image:
    """In RGB, at most MAX_SIDE pixels long, so that a huge picture costs no huge arrays."""
    longest = max(image.size)
    if longest > MAX_SIDE:
        width, height = (max(1, round(side * MAX_SIDE / longest)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image if image.mode == "RGB" else image.convert("RGB")


_detectors: Registry[str, LayoutDetector] = Registry()


def shared_detector(model: str) -> LayoutDetector:
    """The detector of ``model`` in this process; loads it when it is first asked for.

    One per model, however many threads ask at the same time. One that was closed is forgotten: the
    next call loads a new one. A forked child loads its own.
    """
    return _detectors.get_or_create(
        model_key(model), partial(LayoutDetector, model), lambda detector: detector.alive
    )
