"""The rules that a user sets, and URLs as names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from got_loaders.errors import OptionError, UnsupportedSourceError
from got_loaders.sources.download import DownloadPolicy, check_url, normalize_hosts


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        *(("Wiki.Intranet.", "wiki.intranet"), ("10.0.0.0/8", "10.0.0.0/8"), ("::1", "::1")),
        *(("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("FD00::/8", "fd00::/8")),
        *(("::ffff:10.0.0.1", "10.0.0.1"), ("localhost", "localhost"), ("BÜCHER.a", "bücher.a")),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ],
)
def test_hosts_are_kept_in_plain_form(given: str, plain: str) -> None:
    """However it is written, a host is the same rule; each is kept once."""
    assert normalize_hosts(given) == (plain,)
    assert DownloadPolicy(hosts=(given, plain)).hosts == (plain,)


@pytest.mark.parametrize(
    "value",
    [
        *("", "http://wiki", "wiki:8080", "*.corp", "127.1", "0x7f000001", "10.0.0.1/8", "a b"),
        *("10.0.0.0/99", "fe80::1%eth0", "user@wiki", "[::1", "::ffff:10.0.0.0/104", "wiki/x"),
        *(3, None, b"wiki", ["a", 3]),
    ],
)
def test_a_host_that_can_match_nothing_is_an_option_error(value: object) -> None:
    """The error names the option and the value."""
    with pytest.raises(OptionError, match="url_hosts=") as caught:
        normalize_hosts(value)
    bad = value[1] if isinstance(value, list) else value
    assert repr(bad) in str(caught.value)


def test_limits_are_positive() -> None:
    """A limit of nothing is a mistake, and said at once."""
    with pytest.raises(ValueError, match="max_bytes=0"):
        DownloadPolicy(max_bytes=0)
    for seconds in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="seconds="):
            DownloadPolicy(seconds=seconds)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://a.example",
            "https://a.example:8443/a%20b.pdf?x=1&y=/@#page=2",
            "HTTP://A.example/",
        ),
        *("http://10.0.0.1/", "http://[2A00::1]:80/", "http://bücher.example/ü.pdf"),
    ],
)
def test_a_url_is_its_own_name(url: str) -> None:
    """``source`` is what the user wrote; whether it may be read is for the download to say."""
    assert check_url(url) == url


def test_the_name_of_a_bad_url_can_be_metadata() -> None:
    """Control characters and lone surrogates never reach a message or ``source``."""
    with pytest.raises(UnsupportedSourceError) as caught:
        check_url("http://a.example/\x1b[31m\ud800")
    assert caught.value.source == "http://a.example/\ufffd[31m\ufffd"


def test_a_long_url_is_clipped_in_the_message_only() -> None:
    """A message stays readable; ``source`` is still the URL."""
    url = "http://127.1/" + "x" * 5000
    with pytest.raises(Exception, match=r"x…: its host is refused") as caught:
        check_url(url)
    assert len(str(caught.value)) < 300
    assert vars(caught.value)["source"] == url


def test_no_http_library_is_loaded_before_a_download() -> None:
    """Importing, and checking URLs and hosts, costs nothing."""
    code = (
        "import sys; from got_loaders.sources.download import *\n"
        "check_url('http://bücher.example/'); normalize_hosts(['bücher.example', '10.0.0.0/8'])\n"
        "print({'httpx', 'httpcore', 'idna', 'ssl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
