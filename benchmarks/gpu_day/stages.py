"""The stages in their order, and how the time is shared among them. Knows no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``module`` has ``run(settings, results, deadline)``; an ``option`` is handed to it as well.

    ``share``: seconds of eight minutes. ``needs`` names a stage without which there is nothing to
    run.
    """

    name: str
    title: str
    module: str
    share: float
    needs: str | None = None
    option: str = ""


STAGES = (
    Stage(name="machine", title="The machine", module="benchmarks.gpu_day.machine", share=20),
    Stage(name="tests", title="Tests marked gpu", module="benchmarks.gpu_day.gpu_tests", share=95),
    Stage(
        name="checkpoint", title="The checkpoint", module="benchmarks.gpu_day.checkpoint", share=35
    ),
    Stage(
        name="pages",
        title="Pages a second",
        module="benchmarks.gpu_day.pages",
        share=100,
        needs="checkpoint",
        option="first",
    ),
    Stage(
        name="attention", title="Attention alone", module="benchmarks.gpu_day.attention", share=30
    ),
    Stage(
        name="profile",
        title="A decode step, kernel by kernel",
        module="benchmarks.gpu_day.step_profile",
        share=45,
        needs="checkpoint",
    ),
    Stage(
        name="prefill",
        title="Prefill",
        module="benchmarks.gpu_day.prefill",
        share=25,
        needs="checkpoint",
    ),
    Stage(
        name="more pages",
        title="Pages a second, other lengths",
        module="benchmarks.gpu_day.pages",
        share=110,
        needs="checkpoint",
        option="others",
    ),
    Stage(
        name="exactness", title="Beside generate", module="benchmarks.gpu_day.exactness", share=45
    ),
    Stage(
        name="training", title="Training of tiny", module="benchmarks.gpu_day.training", share=30
    ),
)
"""The most telling first. The last one gets what is left."""

LEAST = 3.0
"""Seconds: with fewer left no stage is begun."""


def limit_of(stage: Stage, left: Sequence[Stage], seconds: float) -> float:
    """Seconds that ``stage``, the first of those ``left``, may take of the ``seconds`` left.

    What the stages before it did not use is shared by all that follow.
    """
    return seconds * stage.share / sum(each.share for each in left)
