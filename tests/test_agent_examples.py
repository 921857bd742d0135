"""The agents of the examples find their answers, with a scripted model and the embedded one."""

from __future__ import annotations

import pytest

from tests.test_examples import offline, output_of

__all__ = ["offline"]


def test_a_langchain_agent_learns_from_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong name, a folder, then the right page: the price comes from the scan."""
    out = output_of("agent_langchain.py", capsys)
    assert "prices.pdf: there is no such file" in out
    assert "name one of its files: report.pdf" in out
    assert "Page 2 of report.pdf says: | Wheel | \\$27 |" in out


@pytest.mark.filterwarnings("ignore::pydantic.PydanticDeprecationWarning")  # of workflows
def test_a_llama_index_agent_reads_the_table_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """It finds the table's box, and reads nothing else of the page."""
    out = output_of("agent_llama_index.py", capsys)
    assert "The table on page 2 says: | Wheel | \\$27 |" in out
    assert "3. table: " in out
    assert "Spare Parts" not in out
