"""Each engine in turn, and what it is to answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from got_loaders.engine import LocalEngine
from got_loaders.types import Engine, OcrRequest, OcrResult
from tests.engine.contract.asking import Expected
from tests.engine.contract.engines import ENGINES, EngineCase
from tests.engine.contract.stand_in import stand_in

_READ: dict[int, tuple[OcrRequest, OcrResult]] = {}
"""What the model reads alone, by the request's identity."""


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(name, marks=pytest.mark.slow if case.slow else ())
        for name, case in ENGINES.items()
    ],
)
def case(request: pytest.FixtureRequest) -> EngineCase:
    """Each of the engines."""
    return ENGINES[request.param]


@pytest.fixture(scope="session")
def engine(case: EngineCase) -> Iterator[Engine]:
    """One of its kind for all tests."""
    with case.open() as engine:
        yield engine


@pytest.fixture(scope="session")
def expected(case: EngineCase, tiny_engine: LocalEngine) -> Expected:
    """What it is to answer: what the model reads for the request alone, or what was asked."""

    def answer(request: OcrRequest) -> OcrResult:
        if not case.reads:
            return stand_in().submit(request).result()
        if id(request) not in _READ:
            _READ[id(request)] = (request, tiny_engine.submit(request).result(60))
        return _READ[id(request)][1]

    return answer
