"""One engine for an address and process, however many readers name it by its URL."""

from __future__ import annotations

from got_loaders._registry import Registry
from got_loaders.engine.remote.address import ServerAddress
from got_loaders.engine.remote.remote_engine import RemoteEngine, environment_key

__all__ = ["shared_remote_engine"]

_engines: Registry[tuple[ServerAddress, str | None], RemoteEngine] = Registry()


def shared_remote_engine(url: str, *, name: str = "engine") -> RemoteEngine:
    """The engine of the server at ``url`` in this process; asks no network.

    One that was closed, or found another model than at its beginning, is replaced. ``name`` is what
    the argument is called where ``url`` is wrong: :class:`OptionError`. A key that the environment
    got meanwhile makes another engine.
    """
    address = ServerAddress.parse(url, name=name)
    return _engines.get_or_create(
        (address, environment_key()),
        lambda: RemoteEngine(address.url),
        usable=lambda engine: engine.alive,
    )
