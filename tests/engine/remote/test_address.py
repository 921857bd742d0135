"""The address of a server, as users write it."""

from __future__ import annotations

import pickle

import pytest

from got_loaders.engine.remote import RemoteEngine, shared_remote_engine
from got_loaders.engine.remote.address import ServerAddress, looks_like_url
from got_loaders.errors import OptionError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://gpu:8000", "http://gpu:8000"),
        ("HTTP://GPU:8000/", "http://gpu:8000"),
        ("http://gpu:80/v1", "http://gpu"),
        ("https://example.org:443/v1/", "https://example.org"),
        ("https://example.org/ocr/gpu/v1", "https://example.org/ocr/gpu"),
        ("http://[::1]:8000//", "http://[::1]:8000"),
        ("http://gpu:8000/v1/chat/completions", "http://gpu:8000"),
        ("http://gpu.:8000", "http://gpu:8000"),
        ("http://例え.jp", "http://例え.jp"),
    ],
)
def test_one_address_is_written_in_several_ways(text: str, url: str) -> None:
    """With a slash, with OpenAI's ``/v1``, with the port that goes without saying."""
    assert ServerAddress.parse(text).url == url
    assert RemoteEngine(text).url == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("htp://gpu:8000", "did you mean 'http://gpu:8000'"),
        ("htps://gpu", "did you mean 'https://gpu'"),
        ("http:/gpu:8000", "did you mean 'http://gpu:8000'"),
        ("http//gpu", "did you mean 'http://gpu'"),
        ("http:gpu:8000", "did you mean 'http://gpu:8000'"),
        ("gpu:8000", "did you mean 'http://gpu:8000'"),
        ("localhost", "did you mean 'http://localhost'"),
        ("10.0.0.7/ocr", "did you mean 'http://10.0.0.7/ocr'"),
        ("me:secret@gpu:8000", "did you mean 'http://…@gpu:8000'"),
        ("ftp://gpu", "expected an URL that begins with http://"),
        ("unix:///run/ocr.sock", "expected an URL that begins with http://"),
        ("http://", "it has no host"),
        ("http://:8000", "it has no host"),
        ("http://gpu:99999", "it is no URL"),
        ("http://[::1", "it is no URL"),
        ("http://a..b", "it has no host"),
        ("http://gpu..:80", "it has no host"),
        ("http://999.999.1.1", "that is no host"),
        ("http://gpu,other:80", "that is no host"),
        ("http://g<pu>", "that is no host"),
        ("http://\ud800.de", "that is no host"),
        (f"http://{'a' * 64}", "it has no host"),
        ("http://gpu 8000", "no blanks"),
        ("http://gpu:8000\n", "no blanks"),
        ("http://gpu?api_key=secret", "no query"),
        ("http://gpu#secret", "no query and no fragment"),
        ("http://me:secret@gpu", "no user and no password"),
        ("http://me:se/secret@gpu:8000", "no user and no password"),
        ("http://secret@gpu", "no user and no password"),
        ("", "expected the URL of a server"),
        (8000, "expected the URL of a server"),
    ],
)
def test_a_wrong_address_is_told_without_its_secrets(text: object, words: str) -> None:
    """And with what it was meant to be, if that can be guessed."""
    with pytest.raises(OptionError) as caught:
        RemoteEngine(text)  # type: ignore[arg-type]  # that is what is tested
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["tiny", "weights", "stepfun-ai/GOT-OCR-2.0-hf", "./weights", "x"])
def test_a_model_is_taken_for_no_address(text: str) -> None:
    """So that whoever wrote it is told of ``model=``."""
    assert not looks_like_url(text)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": 0}, "timeout=0: expected a number of seconds, more than 0"),
        ({"timeout": "1"}, "timeout='1'"),
        ({"retry_for": -1}, "retry_for=-1: expected a number of seconds, 0 or more"),
        ({"max_in_flight": 0}, "max_in_flight=0"),
        ({"api_key": "hunter\n2"}, "api_key: a key is one line of ASCII"),
        ({"api_key": ""}, "api_key: a key is one line of ASCII"),
        ({"api_key": "h\xe9"}, "api_key: a key is one line of ASCII"),
    ],
)
def test_wrong_settings_raise_in_the_constructor(options: dict[str, object], words: str) -> None:
    """None of them shows a key."""
    with pytest.raises(OptionError) as caught:
        RemoteEngine("http://gpu", **options)  # type: ignore[arg-type]  # as above
    assert words in str(caught.value)
    assert "hunter" not in str(caught.value)


def test_an_engine_shows_and_pickles_its_address_and_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key from the environment is taken where it is unpickled; one that was passed is refused."""
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter2")
    engine = RemoteEngine("http://gpu:8000/v1", timeout=9, max_in_flight=3)
    assert repr(engine) == "RemoteEngine('http://gpu:8000', timeout=9, max_in_flight=3)"
    pickled = pickle.dumps(engine)
    assert b"hunter2" not in pickled
    assert repr(pickle.loads(pickled)) == repr(engine)
    keyed = RemoteEngine("http://gpu:8000", "hunter2")
    assert repr(keyed) == "RemoteEngine('http://gpu:8000', api_key=…)"
    with pytest.raises(TypeError, match="set GOT_LOADERS_API_KEY on both sides"):
        pickle.dumps(keyed)


def test_who_names_one_server_shares_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is written; one that was closed is made anew, and so is one with another key."""
    monkeypatch.delenv("GOT_LOADERS_API_KEY", raising=False)
    engine = shared_remote_engine("http://gpu:8000")
    assert shared_remote_engine("HTTP://gpu:8000/v1/") is engine
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter2")
    assert shared_remote_engine("http://gpu:8000") is not engine
    monkeypatch.delenv("GOT_LOADERS_API_KEY")
    engine.close()
    assert shared_remote_engine("http://gpu:8000") is not engine
