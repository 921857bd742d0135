"""What every stage is told: on which device, how large, how much. Knows no torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The same for all stages.

    - model: "real" is the published architecture with random weights, "tiny" the embedded model
    - checkpoint: the folder where stage ``checkpoint`` puts it
    - tokens, flight: of the table of pages a second: tokens a page, and pages that decode together,
      beside which a quarter as many wait
    - submitters: threads that prepare pages
    - kernels: (rows, tokens in each) of the attention that is measured alone; queries: of a row
    - prefills: pages that are prefilled together
    - profile: rows, and steps of each profile
    - check: pages whose tokens are compared with those of ``generate``, and tokens of each
    - batch, workers: samples of a step of the training, and processes that draw them
    - training: seconds of it at most; None: all that are left
    """

    device: str
    dtype: Literal["float32", "bfloat16", "float16"]
    model: Literal["real", "tiny"]
    checkpoint: Path
    out: Path
    tokens: tuple[int, ...]
    flight: tuple[int, ...]
    submitters: int
    kernels: tuple[tuple[int, int], ...]
    queries: tuple[int, ...]
    prefills: tuple[int, ...]
    profile: tuple[int, int]
    check: tuple[int, int]
    batch: int
    workers: int
    training: float | None

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a CUDA GPU."""
        return self.device.startswith("cuda")

    def to_json(self) -> str:
        """For the command line of a stage's process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        for name in ("tokens", "flight", "queries", "prefills", "profile", "check"):
            values[name] = tuple(values[name])
        values["kernels"] = tuple((rows, tokens) for rows, tokens in values["kernels"])
        values["checkpoint"], values["out"] = Path(values["checkpoint"]), Path(values["out"])
        return cls(**values)


def for_gpu(device: str, *, cores: int, work: Path, out: Path) -> Settings:
    """The real size, in the number format that the engine takes on a GPU."""
    return Settings(
        device=device,
        dtype="bfloat16",
        model="real",
        checkpoint=work / "checkpoint",
        out=out,
        tokens=(800, 200, 2000),
        flight=(64, 256, 32),
        submitters=max(2, min(16, cores)),
        kernels=((256, 686), (64, 686), (64, 1286), (16, 686), (1, 686)),
        queries=(1, 4, 8),
        prefills=(1, 4, 8, 16),
        profile=(64, 20),
        check=(4, 48),
        batch=32,
        workers=max(1, min(14, cores - 2)),
        training=None,
    )


def for_rehearsal(*, work: Path, out: Path) -> Settings:
    """The CPU and the embedded model, with small numbers: every line of code, and no speed."""
    return replace(
        for_gpu("cpu", cores=2, work=work, out=out),
        dtype="float32",
        model="tiny",
        tokens=(12, 6),
        flight=(4, 1),
        kernels=((2, 70),),
        queries=(1, 8),
        prefills=(1, 2),
        profile=(1, 2),
        check=(2, 6),
        batch=2,
        workers=0,
        training=4.0,
    )
