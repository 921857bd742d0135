"""An engine as on a GPU whose memory runs out in the middle of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal
from unittest.mock import patch

import pytest

from got_loaders.engine.draft.budget import DraftBudget
from got_loaders.engine.kv_cache.counts import Counts
from got_loaders.engine.kv_cache.paged import PagedCache
from got_loaders.engine.runner.model_runner import ModelRunner
from got_loaders.engine.sampler import SamplerOutput
from got_loaders.errors import EngineError
from got_loaders.types import OcrRequest
from tests.engine.fakes import out_of_memory
from tests.engine.pictures import page
from tests.engine.test_paged_engine import like_a_gpu, plain, read, runner_of

FREE = DraftBudget(costs=((1, 1.0), (1000, 1.0)))
Asked = list[tuple[OcrRequest, tuple[int, ...]]]


@pytest.fixture(scope="module")
def asked() -> Asked:
    requests = [OcrRequest(images=(page(n),), max_new_tokens=20 + n) for n in (0, 1, 2)]
    with plain() as engine:
        return [(r, a.token_ids) for r, a in zip(requests, read(engine, requests), strict=True)]


class Shortage:
    """Calls ``function``; call number ``at`` with three pages running finds no memory.

    It has done its work by then, or, ``before``, nothing.
    """

    def __init__(
        self, function: Callable[..., Any], at: int, runner: ModelRunner, *, before: bool
    ) -> None:
        self.left = at
        self._function, self._runner, self._before = function, runner, before

    def __call__(self, *args: Any) -> Any:
        short = False
        if len(self._runner._backend.cache.slots) == 3:
            self.left -= 1
            short = not self.left
        result = None if short and self._before else self._function(*args)
        if short:
            raise out_of_memory()
        return result


@pytest.mark.parametrize(
    ("stage", "draft"), [("copy", False), ("commit", "nothing of the kind, nothing of the kind")]
)
def test_a_step_that_finds_no_memory_at_its_end_is_taken_again(
    stage: str, draft: str | Literal[False], asked: Asked
) -> None:
    """From the tokens that the rows had, although it has written where these lay.

    Only the youngest row has a draft, and is sent back: the others run ahead from then on.
    """
    drafts: list[str | Literal[False]] = [False, False, draft]
    requests = [replace(r, draft=own) for (r, _), own in zip(asked, drafts, strict=True)]
    with like_a_gpu() as engine:
        runner = runner_of(engine)
        runner._budget = FREE
        owner: Any = SamplerOutput if stage == "copy" else PagedCache
        name = "to_host" if stage == "copy" else "commit_step"
        shortage = Shortage(getattr(owner, name), 2, runner, before=stage == "commit")
        with patch.object(owner, name, lambda *args: shortage(*args)):
            results = read(engine, requests)
    assert shortage.left <= 0
    assert [r.token_ids for r in results] == [tokens for _, tokens in asked]


def test_a_page_that_has_ended_needs_no_more_room(asked: Asked) -> None:
    """One that fills the memory to its last token is read, and not refused for one token more."""
    request, tokens = asked[1]
    with like_a_gpu() as engine:
        cache = runner_of(engine)._backend.cache
        assert isinstance(cache, PagedCache)
        reserve, room = cache.reserve, [10_000]

        def bounded(counts: Counts) -> None:
            if (cache._host_lens[: len(counts)] + counts > room[0]).any():
                raise out_of_memory()
            reserve(counts)

        with patch.object(cache, "reserve", bounded):
            (once,) = read(engine, [replace(request, draft=False)])
            room[0] = once.prompt_tokens + len(tokens) - 1  # the last one is not read again
            (again,) = read(engine, [replace(request, draft=False)])
            assert once.token_ids == again.token_ids == tokens
            room[0] -= 1
            with pytest.raises(EngineError, match="too little memory"):
                read(engine, [replace(request, draft=False)])
