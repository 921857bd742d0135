"""How a draft is checked: two steps of a row, as the engine's own drafter proposes them."""

from __future__ import annotations

from docs.drawing.svg import drawing, rect, text
from got_loaders.engine.draft.drafter import Drafter

__all__ = ["pictures"]

PAGE = "It is safer to read from a draft , and to check it ."
LAYER = "It is safer to rend from a draft , and to check it ."
"""What stands on the page, and what its text layer says; a token is a word here."""
WINDOW = 6
LEFT, TOP, HEIGHT, GAP, LETTER, PADDING = 112, 56, 30, 6, 9.2, 16


def pictures() -> dict[str, str]:
    """Name → content."""
    words = [*dict.fromkeys(f"{PAGE} {LAYER}".split())]
    page, layer = ([words.index(word) for word in each.split()] for each in (PAGE, LAYER))
    drafter = Drafter([layer])
    drafter.observe(page[:1], 0)
    parts = [text(20, 34, "Two steps of a row, with the page's own words as its draft")]
    written, y, right = 1, float(TOP), 0.0
    for number in (1, 2):
        proposed = drafter.propose(WINDOW)
        accepted = 0
        while proposed[accepted : accepted + 1] == page[written + accepted :][:1]:
            accepted += 1
        brought = [words[token] for token in (page[written - 1], *proposed)]
        answers = [words[token] for token in page[written : written + accepted + 1]]
        step, width = _step(number, brought, answers, y)
        parts += step
        right = max(right, width)
        drafter.observe(page[written : written + accepted + 1], accepted)
        written += accepted + 1
        y += 3 * HEIGHT + 42
    alt = (
        "Two steps. In the first the draft's word rend is not what the model answers, so the step "
        "gives the words before it and the model's own; in the second all proposals are right."
    )
    return {"draft.svg": drawing(right + 20, y - 8, alt, *parts)}


def _step(number: int, brought: list[str], answers: list[str], y: float) -> tuple[list[str], float]:
    """The tokens that a row brings to a step; below, what the model answers for each."""
    label = f"step {number}"
    parts = [text(20, y + 20, label, "quiet"), text(20, y + 20 + 2 * HEIGHT, "the model", "quiet")]
    x = float(LEFT)
    for index, word in enumerate(brought):
        answer = answers[index] if index < len(answers) else ""
        width = max(len(word), len(answer)) * LETTER + PADDING
        parts.append(rect((x, y, x + width, y + HEIGHT), "panel", ' rx="4"'))
        parts.append(_middle(x + width / 2, y + 20, word))
        if answer:
            below = y + 2 * HEIGHT
            right = index + 1 < len(brought) and brought[index + 1] == answer
            path = f"M{x + width / 2:g} {y + HEIGHT + 4:g} V{below - 4:g}"
            parts.append(f'<path class="line" stroke-width="1.5" d="{path}"/>')
            kind, more = ("edge", "") if right else ("line", ' stroke-width="2.5"')
            parts.append(rect((x, below, x + width, below + HEIGHT), kind, f' rx="4"{more}'))
            parts.append(_middle(x + width / 2, below + 20, answer))
        x += width + GAP
    kept = f"{len(answers)} tokens in one step; the last one is the model's own"
    parts.append(text(LEFT, y + 3 * HEIGHT + 18, kept, "quiet"))
    return parts, x


def _middle(x: float, y: float, word: str) -> str:
    return text(x, y, word, "code", ' text-anchor="middle"')
