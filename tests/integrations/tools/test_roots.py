"""Names → places below the folders that agents may read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from got_loaders.errors import OptionError, SourceRefusedError
from got_loaders.integrations.tools.roots import ResolvedPath, RootFolders


def test_names_in_one_folder_are_paths_below_it() -> None:
    """Nothing is put before them, and nothing is judged here."""
    roots = RootFolders(["/data/scans"])
    assert roots.resolve("may/1.pdf") == ResolvedPath("may/1.pdf", "may/1.pdf", "/data/scans")
    assert roots.resolve("../x.pdf").path == "../x.pdf"
    assert roots.top_level("") == roots.top_level(".") == [ResolvedPath(".", ".", "/data/scans")]


def test_names_in_several_folders_begin_with_one() -> None:
    """With its last part, and a number where two share that."""
    roots = RootFolders(["/data/scans/", "/other/scans", Path("/data/bills")])
    assert [place.requested for place in roots.top_level("")] == ["scans", "scans-2", "bills"]
    assert roots.resolve("scans-2/a.pdf") == ResolvedPath(
        "scans-2/a.pdf", "/other/scans/a.pdf", "/other/scans"
    )
    assert roots.resolve("./bills") == ResolvedPath("./bills", "/data/bills", "/data/bills")
    assert roots.resolve("scans/../b.pdf").root == "/data/scans/"


def test_an_unknown_folder_is_refused_with_the_known_ones() -> None:
    """So that the agent can say it right."""
    with pytest.raises(SourceRefusedError, match=r"^a\.pdf: names begin with .*: scans, bills$"):
        RootFolders(["/data/scans", "/data/bills"]).resolve("a.pdf")


def test_full_paths_belong_to_the_folder_that_holds_them(tmp_path: Path) -> None:
    """People paste them; links are followed; others go to the first folder, which refuses them."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "link").symlink_to(tmp_path / "two")
    roots = RootFolders([tmp_path / "one", tmp_path / "two"])
    assert roots.resolve(f"{tmp_path}/two/a.pdf").root == f"{tmp_path}/two"
    assert roots.resolve(f"{tmp_path}/one/link/a.pdf").root == f"{tmp_path}/two"
    assert roots.resolve("/etc/passwd").root == f"{tmp_path}/one"


def test_urls_keep_their_names() -> None:
    """Whether they are read is for the options to say."""
    url = "https://example.org/a.pdf"
    assert RootFolders(["/a", "/b"]).resolve(url) == ResolvedPath(url, url, "/a")


REFUSED = "is not a public one; if it may be read, pass url_hosts="


@pytest.mark.parametrize(
    ("url", "text", "told"),
    [
        ("http://a/", f"its host's address 10.0.0.7 {REFUSED}['10.0.0.7']", "is not a public one"),
        ("http://a/", f"its host's address fd00::7 {REFUSED}['fd00::7']", "is not a public one"),
        (
            "http://a/",
            "its host's address fe80::7%eth0 is not one of the internet",
            "of the internet",
        ),
        (
            "http://a/",
            f"redirected to http://b.corp/x: its host's address 10.0.0.7 {REFUSED}['10.0.0.7']",
            "redirected to a place that may not be read",
        ),
        (
            "http://a/",
            "redirected to http://localhost/: localhost is this machine itself",
            "redirected to a place that may not be read",
        ),
    ],
)
def test_agents_do_not_learn_addresses(url: str, text: str, told: str) -> None:
    """Of names that lead into a private network, or where a redirect leads."""
    target = ResolvedPath(url, url, "/data/scans")
    redacted = target.redact(f"{url}: {text}")
    assert redacted.endswith(told)
    assert not any(
        secret in redacted for secret in ("10.0.0.7", "fd00", "fe80", "corp", "localhost")
    )


def test_agents_hear_of_addresses_that_they_name() -> None:
    """And how a program may allow them."""
    url = "http://127.0.0.1:1/"
    text = f"{url}: its host's address 127.0.0.1 {REFUSED}['127.0.0.1']"
    assert ResolvedPath(url, url, "/data/scans").redact(text) == text


def test_full_paths_are_known_by_the_names_below_the_folder(tmp_path: Path) -> None:
    """Where people paste what is not quite one."""
    (tmp_path / "link").symlink_to(tmp_path)
    assert RootFolders([tmp_path]).relative(f"{tmp_path}/may.pdf") == "may.pdf"
    assert RootFolders([tmp_path / "link"]).relative(f"{tmp_path}/may.pdf") == "may.pdf"
    two = RootFolders([tmp_path / "a", tmp_path / "b"])
    assert two.relative(f"{tmp_path}/b/may.pdf") == "b/may.pdf"
    assert two.relative("/etc/passwd") == "/etc/passwd"


@pytest.mark.parametrize("folders", [[], [""], ["/a", ""]])
def test_agents_need_a_folder(folders: list[str]) -> None:
    """Forgetting one does not mean the current folder."""
    with pytest.raises(OptionError, match="a folder that they may read from"):
        RootFolders(folders)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/data/scans/sub/a.pdf: broken", "scans/sub/a.pdf: broken"),
        ("one of /data/scans/sub/deep/er/b.pdf", "one of scans/sub/deep/er/b.pdf"),
        ("no weights in /home/me/secret/model", "no weights in …"),
        (r"C:\Users\me\model.bin is gone", "… is gone"),
        ("no weights in /srv/my models/got, v2 (old)/w: a folder", "no weights in …: a folder"),
        ("/models: no weights", "…: no weights"),
        ("'/srv/bob's things/x' is not it", "'…' is not it"),
        ('no such file: "/tmp/x \'y/z"', 'no such file: "…"'),
        ("no such file: '/tmp/a b'", "no such file: '…'"),
        ("below /data/scans/other, v2: broken", "below …: broken"),
        (r"\\server\share\x y: gone", "…: gone"),
        ("R&D (1)/may (2).pdf: broken", "R&D (1)/may (2).pdf: broken"),
        ("text / html, 3/4 and/or", "text / html, 3/4 and/or"),
        ("1/2 of it; see https://example.org/a/b", "1/2 of it; see https://example.org/a/b"),
    ],
)
def test_agents_are_told_their_own_names(text: str, told: str) -> None:
    """And no path of the machine, but for those below what they asked for."""
    assert ResolvedPath("scans/sub", "/data/scans/sub", "/data/scans").redact(text) == told
