"""``doctor`` says which kernel reads keys and values on a GPU, and why another one does not."""

from __future__ import annotations

import pytest
import torch

from got_loaders.cli.doctor import _check_attention


def test_where_no_kernel_works_it_says_why_and_which_releases_there_are() -> None:
    """A note, for pages are read all the same; the CPU stands in for a GPU that nothing serves."""
    finding = _check_attention("cpu", "float32")
    assert (finding.what, finding.state) == ("attention", "note")
    for what in ("no attention over pages for float32 on cpu", "Triton", torch.__version__):
        assert what in finding.text
    assert "/" not in finding.text.replace("'…'", "")


def test_a_device_that_is_not_there_is_a_problem() -> None:
    """What can't even be tried is said, too."""
    if torch.backends.mps.is_available():
        pytest.skip("this machine has the device")
    finding = _check_attention("mps", "float16")
    assert finding.state == "problem"
    assert finding.text.startswith("can't be tried")
