"""Versions, the device, and what it can do at best."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from benchmarks._ceilings import ceilings_of, machine
from benchmarks.gpu_day.deadline import Deadline
from benchmarks.gpu_day.results import Results
from benchmarks.gpu_day.settings import Settings

PACKAGES = ("triton", "tokenizers", "safetensors", "numpy", "pillow", "numba", "pytest", "pymupdf")


def run(settings: Settings, results: Results, _deadline: Deadline) -> None:
    """Versions first: they tell most of what can go wrong."""
    found = machine(settings.device) | {"cores": os.cpu_count()}
    packages = {name: installed(name) for name in PACKAGES}
    results.add(machine=found, packages=packages, commit=commit())
    results.add(varlen_attn=signature("torch.nn.attention.varlen", "varlen_attn"))
    if settings.on_gpu:
        free, total = torch.cuda.mem_get_info(settings.device)
        capable = torch.cuda.is_bf16_supported(including_emulation=False)
        results.add(free_gb=free / 1e9, total_gb=total / 1e9, bfloat16=capable)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results.add(ceilings=asdict(ceilings_of(settings.device, getattr(torch, settings.dtype))))


def installed(package: str) -> str:
    """Its version; "absent" if it is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def signature(module: str, function: str) -> str:
    """How ``function`` is called here, or why it can't be."""
    try:
        return f"{function}{inspect.signature(getattr(importlib.import_module(module), function))}"
    except Exception as error:  # noqa: BLE001  # an old or a broken torch is a finding too
        return f"{type(error).__name__}: {error}"


def commit() -> str:
    """The commit of this checkout; "unknown" without git."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=10, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip() or "unknown"
