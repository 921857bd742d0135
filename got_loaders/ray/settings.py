"""What a dataset is read by, on every machine: options, engine, folder; checked on the driver."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from got_loaders.engine import EngineConfig
from got_loaders.errors import EngineError, OptionError, shown
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.pipeline import resolve_engine
from got_loaders.pipeline.corrections import with_corrections
from got_loaders.pipeline.engines import EngineProvider, is_engine
from got_loaders.types import Engine, get_max_side

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

__all__ = ["EngineSpec", "ReadPlan", "check_paths", "dataset_options"]

_AHEAD = 1.25
"""Pages in flight for each that an engine reads at once, as in a read on one machine."""

_GPU_BATCH, _CPU_BATCH = 256, 32
"""What engines read at once unless they are told otherwise: see :class:`EngineConfig`."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is made of where it is needed: a configuration, a URL, or a function."""

    config: EngineConfig | str | Callable[[], Engine]

    @classmethod
    def of(cls, model: str | None, engine: object, options: ReadOptions) -> EngineSpec:
        """From the arguments of a read; an engine itself is refused. Loads and asks nothing."""
        if is_engine(engine):
            raise OptionError(
                f"engine={shown(engine)}: an engine can't be sent to other machines: pass an "
                "EngineConfig, a server's URL, or a function that makes one there"
            )
        if callable(engine):
            if model is not None:
                text = f"model={shown(model)} and engine={shown(engine)} exclude each other"
                raise OptionError(text)
            return cls(engine)
        resolved = resolve_engine(model, engine, options)
        return cls(resolved if isinstance(resolved, EngineConfig) else str(engine))

    @property
    def is_local(self) -> bool:
        """Whether the model itself is loaded where the engine is made."""
        return isinstance(self.config, EngineConfig)

    @property
    def is_url(self) -> bool:
        """Whether a server reads, which is somewhere else."""
        return isinstance(self.config, str)

    @property
    def default_resources(self) -> dict[str, float]:
        """What Ray is asked for it: a GPU, unless it is known to need none."""
        config = self.config
        if not isinstance(config, EngineConfig) or config.model == "tiny" or config.device == "cpu":
            return {"num_cpus": 1}
        count = len(config.device) if isinstance(config.device, tuple) else 1
        return {"num_gpus": count}

    def pages_in_flight(self, num_gpus: float) -> int:
        """How many pages to hand to it at once, so that it is never without work."""
        config = self.config
        size: int = _GPU_BATCH if num_gpus else _CPU_BATCH
        if isinstance(config, EngineConfig) and config.max_batch_size != "auto":
            size = config.max_batch_size
        return max(4, round(_AHEAD * size))

    def max_side(self, options: ReadOptions) -> int | None:
        """Pixels along the longer side of pages, if the engine sees them in their own shape.

        Loads no model; may ask a server. Of a function, its attribute of this name.
        """
        config = self.config
        if isinstance(config, EngineConfig | str):
            return get_max_side(self._resolved(options))
        return get_max_side(config)

    def make(self, options: ReadOptions) -> EngineProvider:
        """The engine, behind the cache that the options name; loads the model."""
        provider = EngineProvider(self._resolved(options), options, loading=nullcontext)
        provider.get()
        return provider

    def _resolved(self, options: ReadOptions) -> Engine | EngineConfig:
        config = self.config
        if isinstance(config, EngineConfig | str):
            return resolve_engine(None, config, options)
        made = config()
        if not is_engine(made):
            raise EngineError(f"engine={shown(config)} made {shown(made)}, which is no engine")
        return resolve_engine(None, made, options)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """All that a task has to know; goes to each worker once."""

    options: ReadOptions
    engine: EngineSpec
    pages_per_task: int
    filesystem: FileSystem | None = None
    password_env: str | None = None
    folder: str = field(default_factory=os.getcwd)
    read_by: frozenset[str] = frozenset()
    """The fingerprints of what read the pages that are there already."""

    def enter(self) -> ReadOptions:
        """Make this process read as the driver would; the options, with the password.

        Relative paths begin in the driver's folder, where this machine has it.
        """
        with suppress(OSError):
            os.chdir(self.folder)
        if self.password_env is None:
            return self.options
        password = os.environ.get(self.password_env)
        if password is None:
            raise OptionError(
                f"password_env={shown(self.password_env)}: this worker's environment has no such "
                "variable; ray.init(runtime_env={'env_vars': …}) sets it"
            )
        return replace(self.options, password=password)

    @property
    def reads_whole_files(self) -> bool:
        """Whether a file becomes one record, and so is read by one engine."""
        return self.options.mode == "single"

    @property
    def splits_files(self) -> bool:
        """Whether pages of a file may be rendered apart: not where neighbours are read as one."""
        return not self.reads_whole_files and not self.options.multi_page


def dataset_options(
    options: ReadOptions | None, overrides: ReadOverrides, password_env: str | None
) -> ReadOptions:
    """The options of a dataset; refuses by name what makes no sense there.

    A page that fails is a row that says why: ``on_error="raise"`` holds where it is passed itself.
    """
    asked: Mapping[str, object] = overrides
    chosen = ReadOptions.of(options, overrides)
    if chosen.progress is not False:
        raise OptionError(
            f"progress={shown(chosen.progress)}: Ray shows the progress of a dataset itself"
        )
    if chosen.password is not None:
        raise OptionError(
            "password: it would be sent to every machine, and stand in Ray's memory in clear: name "
            "an environment variable of the workers that holds it, by password_env="
        )
    if password_env is not None and (not isinstance(password_env, str) or not password_env):
        raise OptionError(f"password_env={shown(password_env)}: expected a variable's name")
    if chosen.on_error == "raise" and asked.get("on_error") != "raise":
        chosen = replace(chosen, on_error="keep")
    return with_corrections(chosen)


def check_paths(paths: object) -> list[str]:
    """The paths, patterns and URLs to read, as texts; refuses what only this process has."""
    if isinstance(paths, str | os.PathLike):
        return [_path_text(paths)]
    if isinstance(paths, bytes | Mapping) or hasattr(paths, "read"):  # a file would give its lines
        raise _refused(paths)
    if not isinstance(paths, Iterable):
        raise _refused(paths)
    texts = [_path_text(path) for path in paths]
    if not texts:
        raise OptionError("paths: there are none")
    return texts


def _path_text(path: Any) -> str:
    if not isinstance(path, str | os.PathLike):
        raise _refused(path)
    text = os.fspath(path)
    if not isinstance(text, str):
        text = os.fsdecode(text)
    return text if isinstance(path, str) else str(Path(text))


def _refused(value: object) -> OptionError:
    return OptionError(
        f"paths={shown(value)}: expected paths, patterns or URLs that the workers can open; an "
        "open file, bytes or a picture is in this process alone: write it to storage first"
    )
