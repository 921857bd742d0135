"""What the engine benchmarks read: pages, and how many tokens each is to be answered with.

The pages are drawn with Pillow and its own font, so that a machine which has torch and transformers
alone can measure.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from examples.train_tiny.text import Writer
from examples.train_tiny.words import load_words

A4 = (827, 1169)
"""Pixels at 100 dpi."""
MARGIN = 50
SHORT, LONG = 0.4, 4.0
"""Lengths of the two kinds of pages, in means: 5/6 of the one and 1/6 of the other make 1."""
LONG_SHARE = 1 / 6
JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Job:
    """A page, its place in the order of arrival, and the tokens that it gets."""

    number: int
    image: Image.Image
    tokens: int


def make_jobs(pages: int, mean: int, seed: int) -> list[Job]:
    """So many different pages in the order of arrival; the same seed gives the same pages."""
    rng = random.Random(f"{seed} pages")
    images = [draw_page(rng) for _ in range(pages)]
    tokens = lengths(pages, mean, seed)
    return [Job(*job) for job in zip(range(pages), images, tokens, strict=True)]


def draw_page(rng: random.Random) -> Image.Image:
    """A page of running text in large type, black on white."""
    writer = Writer(rng, load_words(held_out=True), held_out=True)
    image = Image.new("RGB", A4, "white")
    draw, size = ImageDraw.Draw(image), rng.uniform(36, 60)
    font = ImageFont.load_default(size)
    words, line, top = writer.tokens("prose"), "", MARGIN
    bottom = rng.uniform(0.3, 1) * (A4[1] - 2 * MARGIN)
    while top < bottom:
        word = next(words)
        if draw.textlength(f"{line} {word}", font) < A4[0] - 2 * MARGIN:
            line = f"{line} {word}".strip()
            continue
        draw.text((MARGIN, top), line, "black", font)
        line, top = word, top + round(1.3 * size)
    return image


def lengths(pages: int, mean: int, seed: int) -> list[int]:
    """Tokens of each page: one in six is ten times as long as the others, give or take a quarter.

    Scaled so that their mean is ``mean``, but for the rounding to whole tokens.
    """
    rng = random.Random(f"{seed} lengths")
    long = round(pages * LONG_SHARE)
    wanted = [LONG] * long + [SHORT] * (pages - long)
    wanted = [length * rng.uniform(1 - JITTER, 1 + JITTER) for length in wanted]
    rng.shuffle(wanted)
    scale = mean * pages / sum(wanted)
    return [max(1, round(length * scale)) for length in wanted]


def sample(jobs: Sequence[Job], size: int) -> list[Job]:
    """So many of the jobs, evenly spaced in the order of length, in the order of arrival.

    The first to arrive is among them, since its latency is asked for.
    """
    ordered = sorted(jobs, key=lambda job: job.tokens)
    offset = ordered.index(jobs[0]) * size % len(jobs)
    chosen = (ordered[(place * len(jobs) + offset) // size] for place in range(size))
    return sorted(chosen, key=lambda job: job.number)
