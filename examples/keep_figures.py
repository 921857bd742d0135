"""Keeps the figures of a scan: its text with the pictures in their places, as files and in one.

Draws a page with a picture between two lines and reads it with the embedded model. Needs no
download; writes the texts and the picture into FOLDER, if it is given:

    python examples/keep_figures.py [FOLDER]
"""

from __future__ import annotations

from pathlib import Path

import pymupdf
from PIL import Image
from showing import in_folder

from got_loaders import GotOcrLoader, ReadOptions, read


def write_page(folder: Path) -> Path:
    """A scan: a line, a picture, a line."""
    drawing = folder / "drawing.png"
    Image.effect_mandelbrot((480, 300), (-2, -1.2, 1, 1.2), 60).save(drawing)
    scan = folder / "river.png"
    with pymupdf.open() as pdf:  # type: ignore[no-untyped-call]  # no types
        page = pdf.new_page()
        page.insert_text((60, 120), "The river was high in May", fontsize=34)
        page.insert_image((60, 180, 480, 440), filename=str(drawing))
        page.insert_text((60, 560), "and the old bridge is closed.", fontsize=34)
        page.get_pixmap(dpi=150).save(scan)
    return scan


def keep(folder: Path) -> None:
    """Work in ``folder``."""
    scan = write_page(folder)
    figures = folder / "figures"
    options = ReadOptions(drop=["figure"], cache=folder / "kept")  # no reading of its labels
    kept = read(scan, model="tiny", options=options, figures="keep", figures_dir=figures)
    results = list(kept)
    for result in results:
        if result.figure is not None and result.region is not None:
            size = f"{result.figure.width} x {result.figure.height} pixels"
            print(f"kept: {Path(result.figure.path).name}, {size}, of {result.region.box}")
    print("files:", len(list(figures.iterdir())))

    # the same page once more, from the cache: as one text that has its picture in it
    loader = GotOcrLoader(scan, model="tiny", options=options, figures="inline", output="html")
    (document,) = loader.load()
    (folder / "river.html").write_text(document.page_content, encoding="utf-8")
    start, _, end = document.page_content.partition("base64,")
    print(f'{start}base64,…"{end.partition(chr(34))[2]}')


if __name__ == "__main__":
    in_folder(keep)
