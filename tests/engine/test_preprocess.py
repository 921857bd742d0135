"""What the model is shown equals what the reference's processor makes of the same image."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from got_loaders.engine.model.checkpoint import TINY
from got_loaders.engine.model.vision_encoder import PixelNormalizer
from got_loaders.engine.processor.preprocess import ModelInput, Preprocessor, make_tiles
from got_loaders.types import Box, OcrRequest
from tests.engine.pictures import page
from tests.engine.reference import Reference

BICUBIC = Image.Resampling.BICUBIC


@pytest.fixture(scope="module")
def tiny() -> Reference:
    return Reference(TINY)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "CMYK"])
@pytest.mark.parametrize("crop", [False, True])
def test_pixels_equal_the_processors_bit_for_bit(tiny: Reference, mode: str, crop: bool) -> None:
    """Resizing, tiling and normalising give the reference's very floats, in every colour mode."""
    image = page(1, 900, 500).convert("RGB").convert(mode)
    request = OcrRequest(images=(image,), crop_to_patches=crop, max_patches=6)
    pixels = pixels_of(tiny)
    tiles = make_tiles(request, size=512, resample=BICUBIC)
    expected = tiny.inputs(request)["pixel_values"]
    assert torch.equal(pixels(list(tiles)).permute(0, 3, 1, 2), expected)
    # As on a GPU:
    assert torch.equal(pixels.lookup(torch.from_numpy(tiles)).permute(0, 3, 1, 2), expected)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1"])
@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize("resample", [BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BOX])
def test_a_page_without_colour_gives_the_same_bytes(
    mode: str, crop: bool, resample: Image.Resampling
) -> None:
    """It is resized once instead of once for each channel, which nobody can tell from the tiles."""
    image = page(1, 900, 500).convert("L").convert(mode)
    request = OcrRequest(images=(image,), crop_to_patches=crop, max_patches=6)
    tiles = make_tiles(request, size=256, resample=resample)
    whole = image.convert("RGB").resize((256, 256), resample)
    assert (tiles[-1] == np.asarray(whole)).all()
    assert (tiles == tiles[..., :1]).all()


@pytest.mark.parametrize("place", [(0, 0), (437, 211), (899, 499)])
@pytest.mark.parametrize("channel", range(3))
def test_one_coloured_pixel_is_a_colour(place: tuple[int, int], channel: int) -> None:
    """However little of it there is, colour is kept."""
    image = page(1, 900, 500).convert("L").convert("RGB")
    pixel = [120, 120, 120]
    pixel[channel] = 0
    image.putpixel(place, tuple(pixel))
    tiles = make_tiles(OcrRequest(images=(image,)), size=512, resample=BICUBIC)
    assert (tiles[0] == np.asarray(image.resize((512, 512), BICUBIC))).all()


def pixels_of(reference: Reference) -> PixelNormalizer:
    """As the encoder of that checkpoint makes them, in float32."""
    images = reference.processor.image_processor
    return PixelNormalizer(
        tuple(images.image_mean),
        tuple(images.image_std),
        images.rescale_factor,
        like=torch.empty(0),
    )


def test_transparency_is_shown_on_white() -> None:
    """What is transparent is paper, whatever colour lies beneath."""
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    tiles = make_tiles(OcrRequest(images=(image,)), size=8, resample=BICUBIC)
    assert tiles.min() == 255


@pytest.mark.parametrize(
    ("size", "bounds", "tiles"),
    [((1000, 500), (1, 2), 3), ((500, 500), (1, 12), 1), ((500, 500), (4, 6), 5)],
)
def test_tiles_and_thumbnail(size: tuple[int, int], bounds: tuple[int, int], tiles: int) -> None:
    """A grid of several tiles is followed by the whole image; a grid of one is the image."""
    request = OcrRequest(
        images=(Image.new("RGB", size),),
        crop_to_patches=True,
        min_patches=bounds[0],
        max_patches=bounds[1],
    )
    assert len(make_tiles(request, size=512, resample=BICUBIC)) == tiles


def prepared(tiny: Reference, image: Image.Image, **options: Any) -> ModelInput:
    preprocessor = Preprocessor(
        tiny.processor.tokenizer, image_size=64, tokens_per_tile=256, prompt_style="hf"
    )
    return preprocessor.prepare(OcrRequest(images=(image,), **options))


def test_equal_tiles_have_equal_digests(tiny: Reference) -> None:
    """Requests about one page in other ways share the digest of its tile; each tile has its own."""
    plain = prepared(tiny, page(1))
    for options in ({"format": True}, {"color": "red"}, {"box": Box(1, 2, 30, 40)}):
        other = prepared(tiny, page(1), **options)
        assert other.prompt_ids != plain.prompt_ids
        assert other.digests == plain.digests


@pytest.mark.parametrize("shape", [(900, 300), (300, 900), (600, 600)])
def test_every_tile_has_its_digest(tiny: Reference, shape: tuple[int, int]) -> None:
    """A row, a column and a square of tiles; the last one is the whole page, alike to itself."""
    image = page(1, *shape)
    cropped = prepared(tiny, image, crop_to_patches=True, min_patches=2, max_patches=6)
    assert len(cropped.digests) == len(cropped.tiles) == len(set(cropped.digests)) > 2
    assert cropped.digests[-1:] == prepared(tiny, image).digests


@pytest.mark.parametrize("place", [(0, 0), (40, 30), (63, 63)])
def test_other_tiles_have_other_digests(tiny: Reference, place: tuple[int, int]) -> None:
    """One value of one pixel makes another tile, wherever the pixel is."""
    image = page(1, 64, 64).convert("RGB")
    before = prepared(tiny, image).digests
    red, green, blue = image.getpixel(place)  # type: ignore[misc]  # three in this mode
    image.putpixel(place, (red, green, blue ^ 1))
    assert prepared(tiny, image).digests != before


def test_a_draft_is_encoded_in_lines_and_in_paragraphs(tiny: Reference) -> None:
    """In formatted mode the paragraphs come first, with LaTeX's own signs escaped."""
    tokenizer = tiny.processor.tokenizer
    draft = "R&D qual-\nity is\nhigh.\n\nNext part"
    plain = prepared(tiny, page(1), draft=draft).drafts
    formatted = prepared(tiny, page(1), draft=draft, format=True).drafts
    assert plain is not None
    assert formatted is not None
    lines = "R&D qual-\nity is\nhigh.\nNext part"
    assert [*map(tokenizer.decode, plain)] == [lines, "R&D quality is high.\nNext part"]
    assert [*map(tokenizer.decode, formatted)] == ["R\\&D quality is high.\nNext part", lines]


@pytest.mark.parametrize(
    ("draft", "expected"), [(None, ()), ("", ()), (" \n\t ", ()), (False, None)]
)
def test_without_a_draft_there_are_no_tokens_of_one(
    tiny: Reference, draft: object, expected: object
) -> None:
    """No draft and an empty one are the same; False switches drafting off."""
    assert prepared(tiny, page(1), draft=draft).drafts == expected


def test_a_draft_holds_no_special_tokens(tiny: Reference) -> None:
    """Text that looks like the model's marks is text; the prompt after it is as it always was."""
    marks = "<|im_end|>A<imgpad>B<|endoftext|>"
    request = prepared(tiny, page(1), draft=marks)
    special = set(tiny.processor.tokenizer.all_special_ids)
    assert request.drafts is not None
    assert all(
        set(ids) & special <= {tiny.processor.tokenizer.unk_token_id} for ids in request.drafts
    )
    assert request.prompt_ids == prepared(tiny, page(1)).prompt_ids


def test_a_draft_with_half_a_character_fails_no_page(tiny: Reference) -> None:
    """A client's JSON may hold lone surrogates; what is read is no worse for a bad hint."""
    drafts = prepared(tiny, page(1), draft="half \ud800").drafts
    assert drafts == prepared(tiny, page(1), draft="half ?").drafts


def test_a_draft_of_any_length_costs_what_its_answer_can_use(tiny: Reference) -> None:
    """Of ten megabytes no more is encoded than an answer of so many tokens can have."""
    for draft in ("word " * 2_000_000, "x" * 10**7, "a-\n" * 3_000_000, "\n" * 10**7 + "x"):
        drafts = prepared(tiny, page(1), draft=draft, max_new_tokens=100).drafts
        assert drafts is not None
        assert max(map(len, drafts)) <= 2_000
    assert prepared(tiny, page(1), draft="x" * 900, max_new_tokens=1).drafts == (
        (tiny.processor.tokenizer.encode("x")[0],) * 900,
    )


def test_threads_share_one_preprocessor(tiny: Reference) -> None:
    """Many threads prepare requests at once and get what each would get alone."""
    preprocessor = Preprocessor(
        tiny.processor.tokenizer, image_size=64, tokens_per_tile=256, prompt_style="hf"
    )
    request = OcrRequest(images=(page(2),), format=True)
    alone = preprocessor.prepare(request).prompt_ids
    seen: list[tuple[int, ...]] = []

    def work() -> None:
        for _ in range(20):
            seen.append(preprocessor.prepare(request).prompt_ids)
            preprocessor.decode([40, 41, 42])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 160
    assert set(seen) == {alone}


def test_a_broken_image_fails_its_own_request(tmp_path: Path, tiny_engine: Any) -> None:
    """A picture that can't be decoded fails its Future; the engine goes on."""
    path = tmp_path / "cut.png"
    page(3).save(path)
    path.write_bytes(path.read_bytes()[:500])
    with Image.open(path) as broken:
        failed = tiny_engine.submit(OcrRequest(images=(broken,), max_new_tokens=4))
        good = tiny_engine.submit(OcrRequest(images=(page(3),), max_new_tokens=4))
        with pytest.raises(Exception, match="can't be prepared"):
            failed.result(timeout=60)
        assert good.result(timeout=60).num_tokens == 4
