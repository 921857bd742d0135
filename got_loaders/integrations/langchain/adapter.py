"""The base of the loader and the parser: how they read, are shown, copied and pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from got_loaders.integrations.pickling import check_picklable
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.description import describe_options
from got_loaders.pipeline.engines import describe_engine, resolve_engine
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["LangChainAdapter"]


class LangChainAdapter:
    """Holds a model or an engine, and options.

    Copies, deep ones too, share the engine. Who holds an engine or a password refuses to be
    pickled, but for an engine on a server, which is an address; a ``progress`` that can't be
    pickled is left out.
    """

    def __init__(
        self,
        model: str | None,
        engine: Engine | EngineConfig | str | None,
        options: ReadOptions | None,
        overrides: ReadOverrides,
    ) -> None:
        self.model = model
        self.engine = engine
        self.options = ReadOptions.of(options, overrides)
        resolve_engine(model, engine, self.options)  # a wrong one raises here

    def _described(self) -> list[str]:
        """The arguments that differ from the defaults."""
        engine = describe_engine(resolve_engine(self.model, self.engine))
        return [*engine, *describe_options(self.options, ReadOptions())]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._described())})"

    def __getstate__(self) -> dict[str, object]:
        check_picklable(type(self).__name__, self.engine, self.options.password)
        return self.__dict__

    def __copy__(self) -> Self:
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new

    def __deepcopy__(self, _memo: object) -> Self:
        return self.__copy__()
