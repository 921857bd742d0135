"""An engine on a server: asked as the ones of this process are, by HTTP.

Pictures are made ready in the caller's thread. What is under way lives in a session, a new one in
each forked child; an engine itself is an address and a few numbers, and is pickled as such.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Self

from got_loaders.engine.remote.address import API_KEY_VARIABLE, ServerAddress
from got_loaders.engine.remote.chat_dialect import ChatDialect
from got_loaders.engine.remote.chat_settings import UNSUPPORTED, ChatSettings
from got_loaders.engine.remote.dialect import Dialect
from got_loaders.engine.remote.own_dialect import OwnDialect
from got_loaders.engine.remote.session import RemoteFuture, Session
from got_loaders.engine.remote.settings import RemoteSettings
from got_loaders.errors import EngineError, GotLoadersError, OptionError
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import EngineInfo
from got_loaders.types.requests import MarkupLanguage

__all__ = ["RemoteEngine", "environment_key"]


class RemoteEngine:
    """A model that runs somewhere else: behind ``got-loaders serve``, or a server made by others.

    ``url`` is the server's address, ``http://gpu:8000``; a path before the API is kept, and
    ``/v1`` at its end is the same address. ``api_key`` is the server's key; None takes the one in
    ``GOT_LOADERS_API_KEY``. Nothing is asked before it is needed: the first request, or
    ``fingerprint``, asks the server what it is and waits while that loads its model; where there is
    none, :class:`EngineDeadError` says so at once. Afterwards a server that is restarted, or has
    too much to do, is waited for: a request is sent again for ``retry_for`` seconds, and is read
    once. One attempt may take ``timeout`` seconds, its wait in the server's queue included.
    ``max_in_flight`` bounds the requests under way; one more, and ``submit`` blocks. None is a
    quarter more than the server runs at once.

    With ``model``, ``prompt``, ``writes``, ``max_side`` or ``extra_body`` the server is any that
    speaks OpenAI's chat completions and sees pictures (vLLM, SGLang, llama.cpp …). ``model`` is the
    name that the server knows it by; None: the only one it has. ``prompt`` is the text beside each
    picture, that the model was trained on; None: none. ``writes`` is the language of its answers:
    "markdown", or "mathpix" as GOT-OCR2's. ``max_side`` is how many pixels the longer side of a
    picture has: they go in their own shape. ``extra_body`` are further fields of each request. All
    of these are part of the fingerprint. Such a model knows no boxes, colours and tiles:
    :class:`OptionError`. ``confidence`` is None where the server gives no probabilities.

    All engines of a process share one thread for their connections, and those to one server with
    one key its connections. Usable from any thread, and in a forked child, where nothing of the
    parent's requests is waited for. Pickled by its address, unless ``api_key`` was passed. Close
    it, or use it in a ``with`` block, to hang up; other engines of the same server go on.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        timeout: float = 600.0,
        retry_for: float = 120.0,
        max_in_flight: int | None = None,
        model: str | None = None,
        prompt: str | None = None,
        writes: MarkupLanguage | None = None,
        max_side: int | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> None:
        self._address = ServerAddress.parse(url)
        self._settings = RemoteSettings(
            timeout=timeout, retry_for=retry_for, max_in_flight=max_in_flight
        )
        self._has_own_key = api_key is not None
        self._api_key = environment_key() if api_key is None else _checked_key(api_key, "api_key")
        asked: dict[str, Any] = {
            "model": model, "prompt": prompt, "writes": writes, "max_side": max_side,
            "extra_body": extra_body,
        }  # fmt: skip
        asked = {name: value for name, value in asked.items() if value is not None}
        self._chat = ChatSettings(**asked) if asked else None
        self._dialect: Dialect = ChatDialect(self._chat) if self._chat else OwnDialect()
        self._session = self._new_session()
        _engines.add(self)

    @property
    def url(self) -> str:
        """The server's address, as it is written best: no slash at its end, no key."""
        return self._address.url

    @property
    def url_says_all(self) -> bool:
        """Whether ``RemoteEngine(url)`` is the same engine, in any process with the same key."""
        is_plain = self._settings == RemoteSettings() and self._chat is None
        return is_plain and not self._has_own_key

    @property
    def max_side(self) -> int | None:
        """Pixels along the longer side of the pictures of a model that others serve; asks nothing.

        None for our own servers, whose model squeezes what it sees into a square.
        """
        return self._chat.max_side if self._chat else None

    @property
    def unsupported(self) -> frozenset[str]:
        """The fields of a request that no server made by others can do; asks nothing."""
        return UNSUPPORTED if self._chat else frozenset()

    @property
    def alive(self) -> bool:
        """Whether it was neither closed, nor found another model than at the beginning."""
        return self._session.alive

    @property
    def info(self) -> EngineInfo:
        """What the server says of its engine; asked once, and blocks for that."""
        return self._session.info()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the server's engine, so that caches and ids agree with a local one."""
        return self.info.fingerprint

    @property
    def max_batch_size(self) -> int | None:
        """How many requests the server runs at once."""
        return self.info.max_batch_size

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Send ``request``; blocks while as many as may be are under way, except in a callback.

        ``Future.cancel()`` hangs up, and the server drops the request. Raises
        :class:`OptionError` for what the server's model can't do and :class:`EngineDeadError`
        where there is no server, or the engine is closed.
        """
        info = self.info
        finish = partial(self._dialect.finish, stop_on_repetition=request.stop_on_repetition)
        try:
            body = self._dialect.encode(request, info)
        except GotLoadersError:
            raise
        except Exception as error:  # noqa: BLE001  # Pillow raises what it likes on odd images
            failed = RemoteFuture()
            failed.set_exception(_unreadable(error))
            return failed
        return self._session.submit(body, info, finish)

    def close(self) -> None:
        """Hang up; what is pending gets :class:`EngineDeadError`. The server is not touched."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        default = RemoteSettings()
        changed = [
            f", {name}={value!r}"
            for name in ("timeout", "retry_for", "max_in_flight")
            if (value := getattr(self._settings, name)) != getattr(default, name)
        ]
        if self._chat:
            changed += [f", {text}" for text in self._chat.described()]
        key = ", api_key=…" if self._has_own_key else ""
        return f"RemoteEngine({self.url!r}{key}{''.join(changed)})"

    def __reduce__(self) -> tuple[object, ...]:
        """By its address. A key stands in no pickle: one from the environment is taken there."""
        self.check_picklable()
        return _rebuild, (self.url, self._settings, self._chat)

    def check_picklable(self) -> None:
        """Raise ``TypeError`` where it was given a key, which would stand in a pickle in clear."""
        if self._has_own_key:
            raise TypeError(
                "a RemoteEngine that was given an api_key can't be pickled: set "
                f"{API_KEY_VARIABLE} on both sides, and leave api_key out"
            )

    def __copy__(self) -> Self:
        return self  # copies share the requests under way

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def _new_session(self) -> Session:
        return Session(self._address, self._api_key, self._dialect, self._settings)

    def _after_fork(self) -> None:
        """In the child: the parent's requests are the parent's."""
        before, self._session = self._session, self._new_session()
        if not before.alive:
            self._session.close()


_engines: weakref.WeakSet[RemoteEngine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_engines):
        engine._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _rebuild(url: str, settings: RemoteSettings, chat: ChatSettings | None = None) -> RemoteEngine:
    return RemoteEngine(
        url,
        timeout=settings.timeout,
        retry_for=settings.retry_for,
        max_in_flight=settings.max_in_flight,
        **({} if chat is None else chat.arguments()),
    )


def environment_key() -> str | None:
    """The key that the environment holds; None where it holds none."""
    key = os.environ.get(API_KEY_VARIABLE, "").strip()
    return _checked_key(key, API_KEY_VARIABLE) if key else None


def _checked_key(key: object, name: str) -> str:
    """A key that can be sent; no message ever shows it."""
    text = key.strip() if isinstance(key, str) else ""  # a file's key ends with its line
    if not text or not text.isascii() or not text.isprintable():
        raise OptionError(f"{name}: a key is one line of ASCII characters")
    return text


def _unreadable(cause: Exception) -> EngineError:
    error = EngineError(f"the images can't be prepared: {cause!r}")
    error.__cause__ = cause
    return error
