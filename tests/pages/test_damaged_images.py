"""Image files that break off or are broken: an error, or a flag, the same each time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from got_loaders import GotOcrLoader
from got_loaders.errors import PageError, SourceError
from got_loaders.pages.image.truncated import has_stray_marker
from got_loaders.testing import FakeEngine
from tests.hostile import scans
from tests.pages.making import image, of_bytes, of_path, opened

SHEET = Image.frombytes("L", (scans.WIDTH, scans.HEIGHT), scans.GRAY)
PNG = image(SHEET, "PNG")
JPEG = image(SHEET, "JPEG")


def damage(data: bytes) -> tuple[str, ...]:
    """What is said of the first frame, twice the same."""
    with opened(of_bytes(data)) as document:
        first, second = (document.page(0, width=9, height=9) for _ in range(2))
    assert first.damage == second.damage
    assert first.image.tobytes() == second.image.tobytes()
    assert first.info.warnings == first.damage
    return first.damage


@pytest.mark.parametrize("missing", [1, 2, 20])
def test_a_jpeg_that_lacks_its_end_alone_is_read_and_says_so(missing: int, tmp_path: Path) -> None:
    """Of a file and of bytes; also as Documents."""
    assert not damage(JPEG)
    (text,) = damage(JPEG[:-missing])
    assert text.startswith("the image ends early")
    path = tmp_path / "cut.jpg"
    path.write_bytes(JPEG[:-missing])
    with opened(of_path(path)) as document:
        assert [document.page(0, width=9, height=9).damage for _ in range(2)] == [(text,)] * 2
    (found,) = GotOcrLoader(path, engine=FakeEngine("READ"), regions="auto").load()
    assert found.metadata["page_warnings"] == text


@pytest.mark.parametrize(
    "data",
    [
        JPEG[: len(JPEG) // 2],
        JPEG[: len(JPEG) * 9 // 10],
        scans.PROGRESSIVE[:-2000],
        PNG[: len(PNG) // 2],
        image(SHEET, "GIF")[:-200],
        scans.JP2[: len(scans.JP2) // 2],
        image(SHEET, "WEBP", lossless=True)[:-100],
    ],
)
def test_an_image_of_which_more_is_missing_has_failed(data: bytes) -> None:
    """Each time that it is asked for; half of it is not read as if it were whole."""
    documents = GotOcrLoader(data, engine=FakeEngine("READ"), on_error="keep").load()
    assert [document.metadata["ocr_origin"] for document in documents] == ["failed"]
    for _ in range(2):
        with (
            pytest.raises((PageError, SourceError), match="is damaged"),
            opened(of_bytes(data)) as document,
        ):
            document.page(0, width=9, height=9)


@pytest.mark.parametrize("kind", [{}, {"optimize": True}])
def test_a_jpeg_that_decoders_give_up_in_silence_says_so(kind: dict[str, bool]) -> None:
    """A marker that has no place there ends the picture: the rest is gray, or noise."""
    data = image(SHEET, "JPEG", **kind)
    assert not damage(data)
    end = len(data) - 40
    broken = data[:end] + b"\xff\xe4" + data[end + 2 :]
    assert has_stray_marker(broken)
    assert not has_stray_marker(data)
    assert damage(broken)


def test_what_may_stand_between_a_jpeg_s_scans_is_no_damage() -> None:
    """Tables, comments, notes of programs, padding; nor what comes after its end."""
    data = image(SHEET, "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    notes = b"\xff\xfe\0\x04ab" + b"\xff\xff\xff\xed\0\x04ab"
    assert not has_stray_marker(data[:scan] + notes + data[scan:])
    assert not has_stray_marker(data + b"\xff\x60" * 100)
    assert not has_stray_marker(data[:scan])
    assert not has_stray_marker(b"")


def test_a_png_with_a_wrong_checksum_says_so() -> None:
    """Pillow stops in the middle of it, and says nothing."""
    third = len(PNG) // 3
    assert not damage(PNG)
    (text,) = damage(PNG[:third] + bytes(third) + PNG[2 * third :])
    assert text.startswith("the image is damaged: broken PNG file")


def test_a_fax_with_broken_lines_says_so() -> None:
    """libtiff puts white ones in their place, and prints."""
    data = image(SHEET.convert("1"), "TIFF", compression="group3", tiffinfo={278: scans.HEIGHT})
    start = Image.open(io.BytesIO(data)).tag_v2[273][0] + 500  # type: ignore[attr-defined]  # a TIFF
    assert not damage(data)
    (text,) = damage(data[:start] + bytes(200) + data[start + 200 :])
    assert text.startswith("the image is damaged: Fax3")


def test_a_frame_that_claims_too_much_is_told_by_its_own_size() -> None:
    """Not by that of the frame before it; and each time."""
    frames = [Image.effect_noise((200, 100), 50 + n).convert("P") for n in range(3)]
    data = bytearray(image(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    size = data.rindex(b"\xc8\0\x64\0")
    data[size : size + 4] = b"\xff" * 4
    with opened(of_bytes(bytes(data))) as document:
        assert document.page(1, width=9, height=9).image.size == (200, 100)
        for _ in range(2):
            with pytest.raises(PageError, match="claims 4,294,836,225 pixels"):
                document.page(2, width=9, height=9)
