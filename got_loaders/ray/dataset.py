"""``read_dataset``: the steps of a read as operators of a Ray Dataset."""

from __future__ import annotations

import inspect
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from got_loaders.errors import MissingDependencyError, OptionError, shown
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.ray import MISSING
from got_loaders.types import Engine, check_positive_int

try:
    import ray
    import ray.data
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

from got_loaders.ray.engine_actor import EngineActor
from got_loaders.ray.finish import FinishPages
from got_loaders.ray.parquet_files import ParquetPaths
from got_loaders.ray.resume import DonePages
from got_loaders.ray.settings import EngineSpec, ReadPlan, check_paths, dataset_options
from got_loaders.ray.stages import ListFiles, RenderPages, SplitFiles

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from got_loaders.engine import EngineConfig

__all__ = ["read_dataset", "read_pages", "rendered_pages"]

_FILES_PER_TASK = 32
"""Files that one task counts the pages of: opening one takes some milliseconds."""

_MAX_LISTING_TASKS = 256

_LISTING_CPUS, _SPLITTING_CPUS, _FINISHING_CPUS = 0.25, 0.5, 0.5
"""Parts of a core: listing and opening wait for storage. They differ, too, because Ray runs
operators that ask for the same as one task, and a file would be listed, split and rendered by one.
"""

_KEPT = 4
"""Pages that an actor has for each that it asks about: a batch leaves it when its slowest page is
read. With few batches that shows: where one page in six takes ten times as long as the others, an
engine of 32 rows had work for 45 % of them with four batches of 16."""


@with_option_parameters(left_out=frozenset({"password", "progress"}))
def read_dataset(
    paths: object,
    *,
    model: str | None = None,
    engine: EngineConfig | str | Callable[[], Engine] | None = None,
    options: ReadOptions | None = None,
    engines: int | tuple[int, int] = 1,
    engine_options: Mapping[str, Any] | None = None,
    render_options: Mapping[str, Any] | None = None,
    pages_per_task: int = 16,
    pages_in_flight: int | None = None,
    resume_from: ParquetPaths | None = None,
    filesystem: FileSystem | None = None,
    password_env: str | None = None,
    **overrides: Unpack[ReadOverrides],
) -> ray.data.Dataset:
    """Read files on a Ray cluster: a Dataset of one row a Document, which is read as it is used.

    Rows have the ``id``, the ``text`` and a column for each key of metadata (null: not known), as
    :class:`GotOcrLoader` gives them, in any order; a page that fails is a row that says why in
    ``error``.

    ``paths`` are paths, folders, patterns, URLs, or what Ray's file systems open (``s3://…``), as
    the workers see them. ``model`` and ``engine`` are as everywhere, but an engine is made on each
    worker: an ``EngineConfig``, a server's URL, or a function. ``engines`` is how many there are,
    or the fewest and the most; ``engine_options`` is what Ray is asked for each (``num_gpus``, 1
    unless it needs none, ``num_cpus``, ``resources``, ``runtime_env``, …), and ``render_options``
    for each task that renders. ``pages_per_task`` are rendered, and handed to an engine, together;
    ``pages_in_flight`` are handed to an engine at once: None, a quarter more than it reads at once.
    ``resume_from`` is the Parquet that an earlier run wrote, if it is there: its pages are left
    out, but for those that failed.
    ``filesystem`` is the one that the paths are in. ``password_env`` names an environment variable
    of the workers with the password of encrypted PDFs. Raises :class:`OptionError`, also for
    options that make no sense here.
    """
    chosen = dataset_options(options, overrides, password_env)
    texts = check_paths(paths)
    check_positive_int("pages_per_task", pages_per_task)
    spec = EngineSpec.of(model, engine, chosen)
    plan = ReadPlan(chosen, spec, pages_per_task, filesystem, password_env)
    resources = dict(spec.default_resources if engine_options is None else engine_options)
    tasks = {"num_cpus": 1, **(render_options or {})}
    in_flight = pages_in_flight or spec.pages_in_flight(resources.get("num_gpus", 0))
    check_positive_int("pages_in_flight", in_flight)
    done = None
    if resume_from is not None:
        kept = DonePages.load(resume_from, filesystem=filesystem, options=chosen)
        plan, done = replace(plan, read_by=kept.models), ray.put(kept)
    pages = rendered_pages(texts, plan, done, tasks)
    return read_pages(pages, plan, engines, in_flight, resources)


def rendered_pages(
    texts: Sequence[str],
    plan: ReadPlan,
    done: ray.ObjectRef[DonePages] | None,
    tasks: Mapping[str, Any],
) -> ray.data.Dataset:
    """Paths → pages that are rendered, by tasks of which each renders ``plan.pages_per_task``.

    ``done`` refers to a :class:`DonePages`; ``tasks`` is what Ray is asked for each that renders.
    """
    blocks = max(1, min(len(texts), _MAX_LISTING_TASKS))
    paths = ray.data.from_items([{"path": text} for text in texts], override_num_blocks=blocks)
    files = paths.map_batches(ListFiles(plan), batch_size=None, num_cpus=_LISTING_CPUS)
    work = files.repartition(target_num_rows_per_block=_FILES_PER_TASK).map_batches(
        SplitFiles(plan, done), batch_size=None, batch_format="pyarrow", num_cpus=_SPLITTING_CPUS
    )
    return work.repartition(target_num_rows_per_block=1).flat_map(RenderPages(plan), **tasks)


def read_pages(
    pages: ray.data.Dataset,
    plan: ReadPlan,
    engines: int | tuple[int, int],
    in_flight: int,
    resources: Mapping[str, Any],
) -> ray.data.Dataset:
    """Pages that are rendered → rows, by ``engines`` of which each is asked ``in_flight`` at once.

    ``resources`` is what Ray is asked for each engine.
    """
    batches = batches_of(in_flight, plan.pages_per_task)
    answered = pages.map_batches(
        EngineActor,
        fn_constructor_args=(plan, secrets.token_hex(8), batches, in_flight),
        batch_size=plan.pages_per_task,
        batch_format="pyarrow",
        zero_copy_batch=True,
        **_pool(engines, batches),
        **resources,
    )
    return answered.map_batches(
        FinishPages(plan), batch_size=None, batch_format="pyarrow", num_cpus=_FINISHING_CPUS
    )


def batches_of(in_flight: int, pages_per_task: int) -> int:
    """How many batches an engine has that is asked about so many pages at once."""
    return math.ceil(_KEPT * in_flight / pages_per_task) + 1


def _pool(engines: int | tuple[int, int], batches: int) -> dict[str, Any]:
    """The arguments that say how many actors there are, and how many batches each has at once.

    Ray starts a further one where those there are have 1.75 times as many as they can read.
    """
    fewest, most = engines if isinstance(engines, tuple) and len(engines) == 2 else (engines,) * 2
    for count in (fewest, most):
        check_positive_int("engines", count)
    if fewest > most:
        raise OptionError(f"engines={shown(engines)}: the first is more than the second")
    strategy = ray.data.ActorPoolStrategy
    sizes: dict[str, Any] = {
        "min_size": fewest,
        "max_size": most,
        "max_tasks_in_flight_per_actor": batches + 2 if fewest == most else 2 * batches,
    }
    if "max_concurrent_calls_per_actor" in inspect.signature(strategy).parameters:
        return {"compute": strategy(**sizes, max_concurrent_calls_per_actor=batches)}
    return {"compute": strategy(**sizes), "max_concurrency": batches}
