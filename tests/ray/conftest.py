"""A Ray cluster of two nodes, for all tests here; and the tests that are skipped without.

Each node has its own workers and its own object store, so what goes from one task to the next goes
by Ray's own transfers.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from got_loaders.testing import FakeEngine

_NO_RAY = "Ray is not installed: pip install 'got-loaders[ray]'"

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
os.environ.setdefault("RAY_worker_niceness", "0")  # 15 is nothing, where others test beside
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")])
)
"""Workers import the library, and the engines of these tests, from here."""


@pytest.fixture(scope="package")
def cluster() -> Iterator[Any]:
    """Two nodes with two logical cores each; ``ray.data`` runs on it."""
    ray = pytest.importorskip("ray", reason=_NO_RAY)
    pytest.importorskip("ray.data", reason=_NO_RAY)
    from ray.cluster_utils import Cluster

    Path("/tmp/ray").mkdir(exist_ok=True)  # where Ray notes its address, and makes none
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")  # a socket's path has at most 107 bytes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own
        temporary = Path(folder, "temporary")
        temporary.mkdir()
        node: Any = {
            "num_cpus": 2,
            "object_store_memory": 200_000_000,
            "include_dashboard": False,
            "env_vars": {"TMPDIR": str(temporary)},  # of the workers alone
        }
        cluster = Cluster(
            initialize_head=True, head_node_args={**node, "temp_dir": folder, "resources": {"a": 2}}
        )
        del node["include_dashboard"]
        cluster.add_node(**node, resources={"b": 2})
        ray.init(address=cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield cluster
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ray.shutdown()
            cluster.shutdown()  # type: ignore[no-untyped-call]  # Ray's
            gc.collect()  # what Ray leaves open is not for other tests to find
        shutil.rmtree(folder, ignore_errors=True)


def fake_engine() -> FakeEngine:
    """An engine that answers at once; made on the workers."""
    return FakeEngine("Hello")
