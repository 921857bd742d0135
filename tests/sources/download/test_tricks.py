"""Addresses in disguise: each is refused before anything is connected to."""

from __future__ import annotations

from pathlib import Path

import pytest

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from tests.sources.download.recording import PUBLIC, Names, Web, get

LITERALS = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "100.127.255.255"),
    *("192.0.0.192", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"),
    *("192.88.99.1", "168.63.129.16", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    "255.255.255.255",
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::7f00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]"),
    *("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001::1]", "[64:ff9b::127.0.0.1]"),
    *("[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[fe80::1]", "[fe80::1%eth0]", "[fe80::1%25eth0]"),
    *("[fd00:ec2::254]", "[fd20:ce::254]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]"),
    *("[3fff::1]", "[100::1]", "[2001:2::1]", "[::ffff:0:127.0.0.1]"),
]
"""What no public address is, plain or inside of an IPv6 address."""

DISGUISES = [
    *("2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "00000177.0.0.1", "017700000001"),
    *("127.1", "127.0.1", "0", "0x", "0x0", "127.0.0.1.", "127.0.0.1..", "127.0.0.0x1"),
    *("127.0.0.256", "127.0.0.1.1", "1e3.1", "[127.0.0.1]", "[::1", "::1", "[::1]x", "x[::1]"),
    *("localhost", "LOCALHOST", "LocalHost.", "localhost..", "a.localhost", "A.B.LOCALHOST."),
    *("\uff4c\uff4fcalhost", "\u24dbocalhost", "localhost\u3002", "loc\u00adalhost"),
    *("\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021"),
    *("127\uff0e0\uff0e0\uff0e1", "\u0661\u0662\u0667.0.0.1", "%31%32%37.0.0.1", "%6cocalhost"),
    *("127.0.0.1%00.example.com", "127.0.0.1%2eexample.com", "ex\u2100mple.com", "a*b.com"),
    *("a..b.com", ".example.com", "x" * 64 + ".com", ".".join(["x" * 60] * 5), "exa\u2044mple.com"),
]
"""Other ways to write them, and names that no two programs read alike."""

URLS = [
    *(
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://127.0.0.1#@a.com",
    ),
    *("http://127.0.0.1?@example.com/", "http://user:pw@example.com/", "http://@example.com/"),
    *("http://a@b@127.0.0.1/", "http://example.com:80@127.0.0.1/", "http:@127.0.0.1/"),
    *("http://127.0.0.1\t.example.com/", "http://exa\nmple.com/", "http://exam\rple.com/"),
    *(" http://127.0.0.1/", "http://127.0.0.1 /", "http://a.com/\x00", "http://a.com/a b.pdf"),
    *("http://a.com/\u2028", "http://a.com/\ud800", "http:\\\\127.0.0.1/", "http:/\\127.0.0.1/"),
    *(
        "http:///127.0.0.1/",
        "http:127.0.0.1/",
        "http:/127.0.0.1/",
        "http://",
        "http://:80/",
        "http:",
    ),
    *("//127.0.0.1/", "127.0.0.1/", "", "http//a.com", "http://?a.com", "http://#a.com"),
    *("http://a.com:x/", "http://a.com:65536/", "http://a.com:0/", "http://a.com:-1/"),
    *(
        "http://a.com:80:80/",
        "http://a.com:+80/",
        "http://a.com:8_0/",
        "http://a.com:\uff18\uff10/",
    ),
    *("http://a.com:99999999999/", "http://a.com:80 /", "https://a.com/" + "x" * 8192),
    *("file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://a.com/a.pdf", "gopher://a.com/"),
    *("data:text/plain,x", "javascript:alert(1)", "jar:http://a.com!/", "dict://a.com:11211/"),
    *("ws://a.com/", "http+unix://a.com/", "s3://bucket/a.pdf", "view-source:http://a.com/"),
    "httpx://a.com/",
]
"""The whole URL is wrong."""

TRICKS = [f"http://{host}/a.pdf" for host in LITERALS + DISGUISES] + URLS


@pytest.mark.parametrize("url", TRICKS)
def test_a_trick_is_refused_before_any_connection(url: str, tmp_path: Path) -> None:
    """No spelling of an inner address gets through, even if every name were public."""
    web = Web()
    with pytest.raises((SourceRefusedError, UnsupportedSourceError)) as caught:
        get(url, tmp_path, web)
    assert web.asked == []
    assert list(tmp_path.iterdir()) == []
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "found",
    [
        *([PUBLIC, "127.0.0.1"], ["10.0.0.1", PUBLIC], ["::1"], ["::ffff:10.0.0.1"], ["0.0.0.0"]),
        *([PUBLIC, "fe80::1%eth0"], [PUBLIC, "64:ff9b::7f00:1"], ["169.254.169.254"], ["nonsense"]),
    ],
)
def test_one_inner_address_among_the_answers_is_enough(found: list[str], tmp_path: Path) -> None:
    """A name with a public and a private address is refused: which one is taken is chance."""
    web = Web()
    with pytest.raises(SourceRefusedError) as caught:
        get("http://a.example/x.pdf", tmp_path, web, Names({"a.example": [found]}))
    assert web.asked == []
    assert caught.value.source == "http://a.example/x.pdf"


def test_a_refusal_says_which_address_and_what_to_do(tmp_path: Path) -> None:
    """The message can be acted on."""
    with pytest.raises(SourceRefusedError) as caught:
        get("http://wiki.example/x", tmp_path, Web(), Names({"wiki.example": [["10.0.0.7"]]}))
    assert str(caught.value) == (
        "http://wiki.example/x: its host's address 10.0.0.7 is not a public one; "
        "if it may be read, pass url_hosts=['10.0.0.7']"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com#@127.0.0.1/", "http://example.com?@127.0.0.1/", "http://example.com"),
        *("http://EXAMPLE.com./@127.0.0.1", "HTTP://example.com:80/", "http://example.com:/"),
        *(
            "http://\uff45xample.com/",
            "http://example\u3002com/",
            "http://example.com/\\".rstrip("\\"),
        ),
    ],
)
def test_harmless_oddities_go_to_the_host_they_name(url: str, tmp_path: Path) -> None:
    """Fragment, query, path, case and a final dot do not change who is asked."""
    web, names = Web(), Names({"example.com": [[PUBLIC]]})
    get(url, tmp_path, web, names)
    (asked,) = web.asked
    assert (asked.address, asked.host, asked.sni) == (PUBLIC, "example.com", "example.com")
    assert names.asked == ["example.com"]


def test_a_password_is_never_repeated(tmp_path: Path) -> None:
    """Neither the message nor ``source`` holds user or password, well-formed or not."""
    for url in (
        "http://bob:geheim@example.com/a.pdf",
        "http://bob:geheim@127.0.0.1/",
        "http://bob:geheim@exa mple.com/",
        "http://bob:geheim\\@example.com/",
        "http://bob:gehe/geheim@example.com/",
        "http:/bob:geheim@example.com/",
        "ftp://bob:geheim@example.com/",
        "bob:geheim@example.com",
        "http://bob:geheim@" + "x" * 9000,
    ):
        with pytest.raises(SourceError) as caught:
            get(url, tmp_path, Web())
        assert caught.value.source is not None
        for text in (str(caught.value), caught.value.source):
            assert "geheim" not in text
            assert "bob" not in text


def test_a_url_with_a_user_is_named_without(tmp_path: Path) -> None:
    """What is left says which document it was, an @ in its path included."""
    with pytest.raises(SourceRefusedError, match="user or password") as caught:
        get("https://bob:pw@example.com:8443/@me.pdf?x=@", tmp_path, Web())
    assert caught.value.source == "https://example.com:8443/@me.pdf?x=@"


def test_an_allowed_name_allows_what_it_resolves_to_and_nothing_else(tmp_path: Path) -> None:
    """The wiki is read; its address by number, and another name for it, are not."""
    names = Names({"wiki.intranet": [["10.0.0.7"]], "evil.example": [["10.0.0.7"]]})
    web = Web()
    get("http://Wiki.Intranet.:8080/x", tmp_path, web, names, hosts=("WIKI.intranet",))
    (asked,) = web.asked
    assert (asked.address, asked.port, asked.host) == ("10.0.0.7", 8080, "wiki.intranet:8080")
    for url in ("http://10.0.0.7/", "http://evil.example/", "http://a.wiki.intranet.localhost/"):
        with pytest.raises(SourceRefusedError):
            get(url, tmp_path, web, names, hosts=("wiki.intranet",))
    assert len(web.asked) == 1


def test_an_allowed_network_allows_its_addresses_under_any_name(tmp_path: Path) -> None:
    """What lies in the network is read, its neighbours and localhost are not."""
    names = Names({"a.example": [["10.1.2.3", PUBLIC]], "b.example": [["10.2.0.1"]]})
    web, hosts = Web(), ("10.1.0.0/16", "127.0.0.1")
    get("http://a.example/", tmp_path, web, names, hosts)
    get("http://10.1.0.9/", tmp_path, web, names, hosts)
    get("http://[::ffff:10.1.0.10]/", tmp_path, web, names, hosts)
    assert [asked.address for asked in web.asked] == ["10.1.2.3", "10.1.0.9", "10.1.0.10"]
    for url in ("http://b.example/", "http://localhost/", "http://127.0.0.2/"):
        with pytest.raises(SourceRefusedError):
            get(url, tmp_path, web, names, hosts)


def test_localhost_is_read_where_its_name_is_allowed(tmp_path: Path) -> None:
    """The one way to allow it is to say it."""
    web, names = Web(), Names({"localhost": [["::1", "127.0.0.1"]]})
    get("http://localhost:8000/", tmp_path, web, names, hosts=("localhost",))
    assert (web.asked[0].address, web.asked[0].host) == ("::1", "localhost:8000")


def test_a_host_in_other_letters_is_allowed_by_either_spelling(tmp_path: Path) -> None:
    """Umlauts and their form in the DNS are the same name."""
    for host in ("bücher.example", "xn--bcher-kva.example"):
        web, names = Web(), Names({"xn--bcher-kva.example": [["10.0.0.1"]]})
        get("http://BÜCHER.example/ä?ö", tmp_path, web, names, hosts=(host,))
        (asked,) = web.asked
        assert (asked.sni, asked.target) == ("xn--bcher-kva.example", "/%C3%A4?%C3%B6")
