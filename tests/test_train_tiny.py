"""The trainer of the tiny checkpoint: its tokenizer, its pages, its losses."""

import random
import re
import sys
from itertools import islice, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import GotOcr2ForConditionalGeneration, GotOcr2Processor

REPOSITORY = Path(__file__).parent.parent
pymupdf = pytest.importorskip("pymupdf")  # untyped: as Any
CHECKPOINT = REPOSITORY / "got_loaders" / "checkpoints" / "tiny"
sys.path.insert(0, str(REPOSITORY))  # the examples are no installed package

from examples.train_tiny import batches as stream_module  # noqa: E402
from examples.train_tiny import drawing_pillow, pages  # noqa: E402
from examples.train_tiny.batches import Mixture, SampleStream, collate  # noqa: E402
from examples.train_tiny.layouts import Generator, Layout  # noqa: E402
from examples.train_tiny.model import build_model  # noqa: E402
from examples.train_tiny.samples import MODES, Mode, assemble, make_sample  # noqa: E402
from examples.train_tiny.scans import scanned  # noqa: E402
from examples.train_tiny.tokenizer import (  # noqa: E402
    FIRST_IMAGE_TOKEN,
    TOKENS_PER_IMAGE,
    Query,
    build_processor,
    prompt_ids,
)
from examples.train_tiny.trainer import Trainer  # noqa: E402
from examples.train_tiny.words import held_out_words, load_words  # noqa: E402

PAGE = Image.new("RGB", (600, 800), "white")
WIDE = Image.new("RGB", (1200, 600), "white")


@pytest.mark.parametrize(
    ("query", "images", "options"),
    [
        (Query(), PAGE, {}),
        (Query(format=True), PAGE, {"format": True}),
        (Query(box=(100, 200, 500, 1000)), PAGE, {"box": [60, 160, 300, 800]}),
        (Query(color="green"), PAGE, {"color": "green"}),
        (Query(multi_page=True), [PAGE, PAGE], {"multi_page": True}),
        (
            Query(crop_to_patches=True, format=True),
            WIDE,
            {"crop_to_patches": True, "format": True, "min_patches": 2, "max_patches": 2},
        ),
    ],
)
def test_prompts_are_the_processors(query: Query, images: object, options: dict[str, Any]) -> None:
    """In every mode the model is trained on the very prompt that it is used with."""
    expected = build_processor()(images, return_tensors="pt", **options)
    assert prompt_ids(len(expected["pixel_values"]), query) == expected["input_ids"][0].tolist()


def test_the_saved_processor_is_the_trainers() -> None:
    """The processor that the checkpoint carries gives the tokens and pixels of the training."""
    saved = GotOcr2Processor.from_pretrained(CHECKPOINT)
    text = "\\title{A & B}\n\\( x^{2} \\) [red] $5,000 OCR"
    ids = build_processor().tokenizer(text)["input_ids"]
    assert saved.tokenizer(text)["input_ids"] == ids
    assert saved.tokenizer.decode(ids) == text
    sample = make_sample(random.Random(1), "plain")
    pixels = saved(sample.images[0], return_tensors="pt")["pixel_values"]
    mean, deviation = saved.image_processor.image_mean, saved.image_processor.image_std
    shown = pixels * torch.tensor(deviation)[:, None, None] + torch.tensor(mean)[:, None, None]
    trained = torch.tensor(sample.tiles).permute(0, 3, 1, 2) / 255
    assert torch.allclose(shown, trained, atol=1e-3)


def test_the_saved_checkpoint_has_the_trainers_shape() -> None:
    """The trainer makes the architecture of the checkpoint that the library carries."""
    saved = GotOcr2ForConditionalGeneration.from_pretrained(CHECKPOINT)
    mine = build_model()
    assert {n: p.shape for n, p in saved.named_parameters()} == {
        n: p.shape for n, p in mine.named_parameters()
    }


def layouts(seed: int) -> list[Layout]:
    """A page of each kind."""
    pages = Generator(random.Random(seed))
    marked_up = pages.document(marked_up=True)
    return [
        *(pages.plain(), marked_up, pages.letter(), pages.boxed()),
        *(pages.framed(), pages.wide(), pages.tall()),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_characters_stand_where_the_page_says(seed: int) -> None:
    """Every character's position lies on the page, inside the glyph that PyMuPDF draws there."""
    for layout in layouts(seed):
        with pymupdf.open() as document:
            page: Any = layout.page.draw_on(document)
            raw = page.get_text("rawdict")["blocks"]
        drawn = [
            (char["c"], pymupdf.Rect(char["bbox"]))
            for block in raw
            for line in block.get("lines", ())
            for span in line["spans"]
            for char in span["chars"]
        ]
        for piece in layout.pieces:
            if piece.spot is None or piece.token == " ":
                continue
            x, y = piece.spot
            assert 0 < x < layout.page.width
            assert 0 < y < layout.page.height
            assert any(c == piece.token and pymupdf.Point(x, y) in box for c, box in drawn)


def test_pillow_draws_each_character_where_the_page_says() -> None:
    """Without PyMuPDF there is ink at every character's place, in frames and colours too."""
    with patch.object(pages, "_drawing", lambda: drawing_pillow):
        assert pages.drawn_by() == "Pillow"
        for layout in layouts(1):
            image = layout.page.render(2.0, (0.9, 0.9, 0.9))
            assert list(image.size) == [2 * layout.page.width, 2 * layout.page.height]
            assert image.mode == ("RGB" if layout.page.frames else "L")
            gray = np.asarray(image.convert("L"))
            for char, (x, y) in layout.page.glyphs:
                place = gray[int(2 * y) - 18 : int(2 * y) + 30, int(2 * x) - 9 : int(2 * x) + 9]
                assert place.min() < 190, char


def test_workers_share_the_plan_s_batches() -> None:
    """With several of them the pages grow as fast as with one, and no two draw the same."""
    asked: list[int] = []

    def plan(number: int) -> tuple[Mixture, int]:
        asked.append(number)
        return {"plain": 1.0}, 1

    firsts = []
    for worker in (0, 1):
        info = SimpleNamespace(id=worker, num_workers=2)
        with patch.object(stream_module, "get_worker_info", lambda info=info: info):
            drawn = list(islice(SampleStream(1, 1, plan), 5))
        firsts.append(drawn[0])
    assert asked == [0, 8, 0, 8]
    assert not torch.equal(firsts[0].pixels, firsts[1].pixels)


def test_what_is_read_is_what_stands_there() -> None:
    """On a plain page the text without blanks is the drawn characters, in their order."""
    layout = Generator(random.Random(3)).plain()
    drawn = "".join(char for char, _ in layout.page.glyphs)
    assert re.sub(r"\s", "", layout.text) == drawn


def test_a_scan_keeps_track_of_its_characters() -> None:
    """After skew, noise and resizing there is ink where a sample says a character stands."""
    rng = random.Random(8)
    layout = Generator(rng).plain()
    image, skew = scanned(rng, layout.page.render(1.4), color=False)
    while not skew:
        image, skew = scanned(rng, layout.page.render(1.4), color=False)
    sample = assemble("plain", Query(), [layout], [image], [skew])
    grey = sample.tiles[0].mean(-1)
    paper = sorted(grey.ravel())[grey.size // 2]
    inked = [
        (grey[4 * 2 * row - 6 : 8 * row + 12, 4 * column - 4 : 4 * column + 8].min()) < paper - 40
        for _, row, column, _ in sample.glyphs
    ]
    assert len(inked) > 10
    assert sum(inked) / len(inked) > 0.98


@pytest.mark.parametrize("mode", MODES)
def test_sources_point_at_visual_tokens(mode: Mode) -> None:
    """Each character drawn has a visual token of its own sample, the lines in reading order."""
    sample = make_sample(random.Random(4), mode)
    end = FIRST_IMAGE_TOKEN + TOKENS_PER_IMAGE * len(sample.tiles)
    known = [source for source in sample.sources if source >= 0]
    assert len(sample.sources) == len(sample.answer)
    assert known
    assert all(FIRST_IMAGE_TOKEN <= source < end for source in known)
    assert sample.text == "".join(
        build_processor().tokenizer.convert_ids_to_tokens(sample.answer[:-1])
    )


def test_pages_of_a_batch_keep_their_images() -> None:
    """A batch of samples with several images counts its glyphs' images over all of them."""
    samples = [make_sample(random.Random(seed), "multi") for seed in (1, 2)]
    batch = collate(samples)
    assert len(batch.pixels) == 4
    assert set(batch.glyphs[:, 0].tolist()) == {0, 1, 2, 3}
    for row, sample in enumerate(samples):
        answered = batch.labels[row] >= 0
        assert batch.labels[row][answered].tolist() == sample.answer
        assert batch.ids[row][answered].tolist() == sample.answer


def test_the_same_seed_draws_the_same_page() -> None:
    """Training and measuring can be repeated."""
    one, two = (make_sample(random.Random(9), "format") for _ in range(2))
    assert one.text == two.text
    assert (one.tiles == two.tiles).all()


def test_training_never_shows_a_held_out_word() -> None:
    """The words that the error rates are measured on stand on no training page."""
    held_out = held_out_words()
    assert len(held_out) > 150
    assert not held_out & {word.lower() for word in load_words(held_out=False).content}
    for seed in range(60):
        for layout in layouts(seed):
            words = set(re.findall(r"[a-z]+", layout.text.lower()))
            assert not words & held_out


def test_measuring_pages_are_made_of_held_out_words() -> None:
    """A page to measure on shows content words that training never did."""
    layout = Generator(random.Random(2), held_out=True).plain()
    assert set(re.findall(r"[a-z]+", layout.text.lower())) & held_out_words()


def test_a_step_lowers_the_loss() -> None:
    """Steps on one batch make the model better at it: gradients reach the weights."""
    torch.manual_seed(0)
    trainer = Trainer()
    batch = collate([make_sample(random.Random(1), "plain", lines=1)])
    losses = [trainer.reading_step(batch, 1e-3).loss for _ in range(3)]
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_training_goes_on_from_a_state(tmp_path: Path) -> None:
    """A saved state gives back the weights, and the checkpoint beside it is usable as it is."""
    torch.manual_seed(0)
    first = Trainer()
    first.save(tmp_path / "state.pt", tmp_path / "checkpoint")
    second = Trainer()
    second.load(tmp_path / "state.pt")
    for one, two in zip(first.master.parameters(), second.master.parameters(), strict=True):
        assert torch.equal(one, two)
    GotOcr2ForConditionalGeneration.from_pretrained(tmp_path / "checkpoint")
