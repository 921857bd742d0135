"""What ``got-loaders doctor`` recommends for this machine's processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from got_loaders.cli import cpu_advice as advice
from got_loaders.cli import doctor
from got_loaders.cli.doctor import Finding, examine
from got_loaders.engine import EngineConfig
from got_loaders.engine.device import processor

ASKED = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux machine that gives huge pages to who asks; its processor computes in bfloat16."""
    monkeypatch.setattr(processor, "_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))
    setting = tmp_path / "enabled"
    setting.write_text("always [madvise] never\n", encoding="ascii")
    monkeypatch.setattr(advice, "_HUGE_PAGES", setting)
    return setting


@pytest.mark.usefixtures("machine")
def test_bfloat16_is_recommended_where_the_processor_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unless it is what is asked for already, or the processor would have to emulate it."""
    assert "bfloat16" in next(advice.cpu_advice("float32", ASKED))
    assert not list(advice.cpu_advice("bfloat16", ASKED))
    monkeypatch.setattr(processor, "_capabilities", dict)
    assert not list(advice.cpu_advice("float32", ASKED))


def test_huge_pages_are_recommended_where_asking_helps(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where they are on or off for all, nor with a C library that can't ask for them."""
    (line,) = advice.cpu_advice("bfloat16", {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})
    assert "GLIBC_TUNABLES=glibc.malloc.hugetlb=1" in line
    for setting in ("[always] madvise never", "always madvise [never]"):
        machine.write_text(setting, encoding="ascii")
        assert not list(advice.cpu_advice("bfloat16", {}))
    machine.unlink()
    assert not list(advice.cpu_advice("bfloat16", {}))
    machine.write_text("[madvise]", encoding="ascii")
    for library in (("glibc", "2.31"), ("", "")):
        monkeypatch.setattr("platform.libc_ver", lambda library=library: library)
        assert not list(advice.cpu_advice("bfloat16", {}))


@pytest.mark.usefixtures("machine")
def test_doctor_gives_both_as_notes_for_a_model_of_real_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A note keeps no check from passing; tiny needs neither."""
    monkeypatch.setattr(doctor, "_self_test", lambda: Finding("self-test", "left out"))
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    config = EngineConfig(model=str(tmp_path), device="cpu")
    found = [finding for finding in examine(config) if finding.what == "speed"]
    assert [finding.state for finding in found] == ["note", "note"]
    tiny = examine(replace(config, model="tiny"))
    assert not [finding for finding in tiny if finding.what == "speed"]
