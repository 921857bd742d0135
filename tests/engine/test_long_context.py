"""A context longer than the one that the real model was trained on is computed as it should be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from got_loaders.engine import EngineConfig, LocalEngine
from got_loaders.errors import RequestTooLongError
from got_loaders.types import OcrRequest
from tests.engine.pictures import page
from tests.engine.reference import Reference

PAGES = 130
"""Of 64 tokens each in the second checkpoint: more than 8,192."""


@pytest.mark.slow
def test_beyond_8192_tokens_readings_are_transformers(random_folder: Path, tmp_path: Path) -> None:
    """Where the model has positions and ``max_context`` allows them, they are used to the end."""
    folder = Path(shutil.copytree(random_folder, tmp_path / "long"))
    settings = json.loads((folder / "config.json").read_text("utf-8"))
    settings["text_config"]["max_position_embeddings"] = 9000
    (folder / "config.json").write_text(json.dumps(settings), "utf-8")
    request = OcrRequest(images=(page(1),) * PAGES, multi_page=True, max_new_tokens=6)
    config = EngineConfig(model=str(folder), device="cpu", max_context=20_000)
    with LocalEngine(config) as engine:
        assert engine.info.max_context == 9000
        result = engine.submit(request).result(120)
        with pytest.raises(RequestTooLongError, match="context of 9000 tokens"):
            engine.submit(OcrRequest(images=(page(1),), max_new_tokens=9000))
    assert result.prompt_tokens > 8192
    reference = Reference(folder)
    assert not reference.differs(request, result.token_ids, reference.read(request))
