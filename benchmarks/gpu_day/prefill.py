"""Prefill of 1, 4, 8 and 16 pages at once: vision tower and prompts, to the first tokens.

The engine's own runner is asked, while its engine has nothing to do; nobody else uses it then.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict

import torch

from benchmarks._inside import prefilled, sequences_of
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.pages import open_engine, work_and_ceilings
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings
from benchmarks.gpu_day.steady import Pages
from got_loaders.types import OcrRequest

REPEATS, WARM_UPS = 5, 2


def run(settings: Settings, results: Results, deadline: Deadline) -> None:
    """Median seconds of 5, after 2 to warm up; the floor is the work over the device's speed."""
    work, ceilings = work_and_ceilings(settings)
    floor = (work.vision + work.prefill) / ceilings.flops
    cells: list[dict[str, object]] = []
    results.add(work=asdict(work), ceilings=asdict(ceilings), floor_s_per_page=floor, cells=cells)
    pages = Pages()
    with open_engine(settings, max(settings.prefills)) as engine:
        for count in settings.prefills:
            images = [pages.draw(number) for number in range(count)]
            requests = [OcrRequest(images=(image,), max_new_tokens=8) for image in images]
            sequences = sequences_of(engine, requests)
            seconds: list[float] = []
            for _ in range(WARM_UPS + REPEATS):
                if not deadline.left:
                    break
                start = time.perf_counter()
                with prefilled(engine, sequences):
                    if settings.on_gpu:
                        torch.cuda.synchronize(settings.device)
                    seconds.append(time.perf_counter() - start)
            measured = seconds[WARM_UPS:]
            if not measured:
                raise TimeoutError(f"out of time before {count} pages were read")
            each = statistics.median(measured) / count
            cells.append({"pages": count, "s_per_page": each, "over_floor": each / floor})
            results.add(cells=cells)
