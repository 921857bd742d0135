"""What adapters refuse to have pickled: an engine, a password, a source that is open."""

from __future__ import annotations

import pickle
from os import PathLike

from got_loaders.engine.remote import RemoteEngine
from got_loaders.pipeline.engines import is_engine
from got_loaders.sources import describe_source

__all__ = ["check_picklable", "check_picklable_source"]


def check_picklable(name: str, engine: object, password: object) -> None:
    """Raise ``TypeError`` where an adapter, called ``name``, holds what must not or can't go along.

    An engine is threads and memory of this process, and a password would stand there in clear. One
    on a server is pickled as its address, unless it was given a key.
    """
    what, advice = "", ""
    if isinstance(engine, RemoteEngine):
        engine.check_picklable()
    elif is_engine(engine):
        what, advice = "an engine", "give it a model, an EngineConfig or the URL of a server"
    if not what and password is not None:
        what, advice = "a password", "read encrypted files in this process"
    if what:
        raise TypeError(f"a {name} that holds {what} can't be pickled: {advice}")


def check_picklable_source(name: str, source: object) -> None:
    """Raise ``TypeError`` where a source is of this process: a file that is open, a generator."""
    for item in source if isinstance(source, list | tuple) else [source]:
        if isinstance(item, list | tuple):
            check_picklable_source(name, item)
        elif not isinstance(item, str | bytes | bytearray | PathLike):
            _check_object(name, item)


def _check_object(name: str, source: object) -> None:
    try:
        pickle.dumps(source)
    except Exception as error:  # whatever a class of the caller's raises
        text = f"a {name} of {describe_source(source)} can't be pickled: pass paths or bytes"
        raise TypeError(text) from error
