"""Redirects: each hop is judged as the first URL was. Names: each is looked up once a hop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from got_loaders import __version__
from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.download import DownloadPolicy, fetch
from tests.sources.download.recording import BODY, OTHER, PUBLIC, Names, Web, answer, get, redirect

START = "https://a.example/dir/start?x=1"


def hops(*answers: httpx.Response) -> Web:
    """A web that answers in turn."""
    pending: Iterator[httpx.Response] = iter(answers)
    return Web(lambda _: next(pending))


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "//127.0.0.1/", "http://localhost/", "http://[::ffff:7f00:1]/"),
        *(
            "file:///etc/passwd",
            "http://bob:pw@b.example/",
            "//bob:pw@b.example/",
            "ftp://b.example",
        ),
        *("javascript:alert(1)", "http://inner.example/", "/\\127.0.0.1/", "http://127.1/"),
        *(
            "http://b.example:0/",
            "data:,x",
            "http://%6cocalhost/",
            "\thttp://127.0.0.1/",
            "http://",
        ),
        *("https://169.254.169.254/latest/meta-data/", "https://" + "x" * 9000, "http://[::1"),
    ],
)
def test_a_redirect_gets_no_further_than_a_url(location: str, tmp_path: Path) -> None:
    """The one request is the first; the error is about the URL that was asked for."""
    names = Names({"inner.example": [["10.0.0.1"]]}, default=[PUBLIC])
    web = hops(redirect(location), answer(b"secret"))
    with pytest.raises((SourceRefusedError, UnsupportedSourceError)) as caught:
        get(START, tmp_path, web, names)
    assert [asked.address for asked in web.asked] == [PUBLIC]
    assert caught.value.source == START
    assert str(caught.value).startswith(f"{START}: redirected to ")
    assert "bob" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "host", "target"),
    [
        ("/top.pdf", "a.example", "/top.pdf"),
        ("next.pdf?y=2#frag", "a.example", "/dir/next.pdf?y=2"),
        ("../up.pdf", "a.example", "/up.pdf"),
        ("?y=2", "a.example", "/dir/start?y=2"),
        ("//b.example/x", "b.example", "/x"),
        ("http://b.example:81/a b.pdf", "b.example:81", "/a%20b.pdf"),
    ],
)
def test_a_harmless_redirect_is_followed(
    status: int, location: str, host: str, target: str, tmp_path: Path
) -> None:
    """Relative or absolute, to the same host or another."""
    web = hops(redirect(location, status), answer())
    names = Names({"a.example": [[PUBLIC]], "b.example": [[OTHER]]})
    assert get(START, tmp_path, web, names) == BODY
    first, second = web.asked
    assert (first.host, first.target) == ("a.example", "/dir/start?x=1")
    assert (second.host, second.target) == (host, target)
    assert second.address == (PUBLIC if host == "a.example" else OTHER)


def test_five_redirects_are_followed_and_no_sixth(tmp_path: Path) -> None:
    """A loop ends, and is said to be one too many."""
    assert get(START, tmp_path, hops(*[redirect("/")] * 5, answer())) == BODY
    web = Web(lambda _: redirect("/"))
    with pytest.raises(SourceError, match="more than 5 redirects") as caught:
        get(START, tmp_path, web)
    assert len(web.asked) == 6
    assert caught.value.source == START


def test_a_redirect_without_one_target_is_an_error(tmp_path: Path) -> None:
    """None, or two of them, are not guessed at."""
    two = httpx.Response(302, headers=[("Location", "/a"), ("Location", "/b")], content=iter([b""]))
    for response in (answer(b"", status=302), two):
        with pytest.raises(SourceError, match="302, a redirect, but does not say where to"):
            get(START, tmp_path, hops(response))


def test_a_name_is_looked_up_once_and_connected_to_as_judged(tmp_path: Path) -> None:
    """A resolver that changes its answer after the judgement changes nothing."""
    web, names = Web(), Names({"a.example": [[PUBLIC], ["127.0.0.1"]]})
    get(START, tmp_path, web, names)
    assert names.asked == ["a.example"]
    assert [asked.address for asked in web.asked] == [PUBLIC]


def test_a_name_is_judged_anew_at_every_hop(tmp_path: Path) -> None:
    """A host that was public at the first hop may be private at the second."""
    web, names = hops(redirect("/again")), Names({"a.example": [[PUBLIC], ["127.0.0.1"]]})
    with pytest.raises(SourceRefusedError, match=r"127\.0\.0\.1 is not a public one"):
        get(START, tmp_path, web, names)
    assert names.asked == ["a.example", "a.example"]
    assert len(web.asked) == 1


def test_the_server_is_asked_by_its_name(tmp_path: Path) -> None:
    """Host header and the name for TLS are the URL's; nothing of this machine is told."""
    web = Web()
    get("https://a.example:8443/x?y=1", tmp_path, web)
    (asked,) = web.asked
    assert (asked.address, asked.port) == (PUBLIC, 8443)
    assert (asked.host, asked.sni, asked.target) == ("a.example:8443", "a.example", "/x?y=1")
    assert asked.headers["User-Agent"] == f"got_loaders/{__version__}"
    assert asked.headers["Accept-Encoding"] == "identity"
    assert {"cookie", "authorization", "referer"}.isdisjoint(asked.headers)


def test_an_address_in_the_url_is_connected_to_as_it_is(tmp_path: Path) -> None:
    """No resolver is asked, and IPv6 keeps its brackets where they belong."""
    web, names = Web(), Names({})
    get("https://[2A00:1450:0::1]:8443/", tmp_path, web, names)
    get(f"http://{PUBLIC}/", tmp_path, web, names)
    first, second = web.asked
    assert (first.address, first.port) == ("2a00:1450::1", 8443)
    assert (first.host, first.sni) == ("[2a00:1450::1]:8443", "2a00:1450::1")
    assert (second.address, second.host) == (PUBLIC, PUBLIC)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout])
def test_the_next_address_is_tried_when_one_is_down(
    kind: type[httpx.TransportError], tmp_path: Path
) -> None:
    """In the resolver's order, each once."""

    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.host == PUBLIC:
            raise kind("down")
        return answer()

    web, names = Web(answers), Names({"a.example": [[PUBLIC, PUBLIC, OTHER]]})
    assert get(START, tmp_path, web, names) == BODY
    assert [asked.address for asked in web.asked] == [PUBLIC, OTHER]


def test_an_address_that_answered_is_not_given_up(tmp_path: Path) -> None:
    """Only a failed connection leads to the next address, not a broken answer."""

    def answers(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    web, names = Web(answers), Names({"a.example": [[PUBLIC, OTHER]]})
    with pytest.raises(SourceError, match="can't be downloaded: the connection failed"):
        get(START, tmp_path, web, names)
    assert len(web.asked) == 1


def test_a_name_that_is_not_found_is_a_source_error(tmp_path: Path) -> None:
    """The resolver's reason is in the message, its error is the cause."""

    def unknown(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    web = Web()
    with pytest.raises(SourceError, match=r"a\.example is not found: Name or service") as caught:
        fetch(START, tmp_path, DownloadPolicy(), resolve=unknown, transport=web.transport)
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(SourceError, match=r"a\.example has no address"):
        get(START, tmp_path, web, Names({"a.example": [[]]}))
