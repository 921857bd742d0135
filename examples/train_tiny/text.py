"""Random text for the pages: sentences of real words, entries with numbers, and nonsense.

The nonsense keeps reading honest: a model that saw only sentences would guess words.
Knows words and grammar; knows no fonts and no pages.
"""

import random
import string
from collections.abc import Callable, Iterator
from typing import Literal

from .words import Words, function_words, held_out_words

Style = Literal["prose", "entries", "jumble"]
UNITS = ("mm", "cm", "m", "km", "kg", "g", "s", "min", "h", "V", "A", "kW", "Hz", "bar", "%", "MB")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PREPOSITIONS = ("of", "in", "on", "for", "from", "with", "without", "under", "near", "after")
MODALS = ("must", "should", "can", "may", "will", "does not", "cannot", "would", "could")
DETERMINERS = ("the", "the", "the", "this", "that", "each", "every", "our", "your", "its", "no")


class Writer:
    """Writes random text from one list of words; the same `rng` state gives the same text."""

    def __init__(self, rng: random.Random, words: Words, *, held_out: bool) -> None:
        self.rng = rng
        self.words = words
        self.held_out = held_out

    def tokens(self, style: Style) -> Iterator[str]:
        """Endless words of running text, to be broken into lines."""
        while True:
            yield from (self.sentence() if style == "prose" else self.jumble_word()).split(" ")

    def sentence(self) -> str:
        """A sentence of real words with its capital and its full stop."""
        patterns: tuple[Callable[[], str], ...] = (
            lambda: f"{self.thing()} {self.act()} {self.thing()}",
            lambda: f"{self.thing()} {self.act()} {self.thing()} {self.where()}",
            lambda: f"{self.pick('verbs')} {self.thing()} {self.where()}",
            lambda: f"please {self.pick('verbs')} {self.thing()} {self.pick('adverbs')}",
            lambda: f"{self.thing()} {self.is_()} {self.pick('adjectives')}",
            lambda: f"{self.thing()} {self.is_()} {self.number()} {self.where()}",
            lambda: f"if {self.thing()} is {self.pick('adjectives')}, {self.order()}",
            lambda: f"{self.pick('verbs')} and {self.order()}, but not {self.thing()}",
            lambda: f"{self.pick('names')} and {self.pick('names')} {self.act()} {self.thing()}",
            lambda: f"in {self.pick('names')}, {self.thing()} {self.is_()} {self.number()}",
        )
        text = self.rng.choice(patterns)()
        end = self.rng.choices((".", "!", "?", ":"), (90, 4, 4, 2))[0]
        return text[0].upper() + text[1:] + end

    def entry(self) -> str:
        """A short line that stands alone: a heading, a list item, a labelled value, a contact."""
        noun = self.pick("nouns")
        forms: tuple[Callable[[], str], ...] = (
            lambda: self.heading(),
            lambda: f"- {self.pick('adjectives')} {noun}",
            lambda: f"{self.rng.randint(1, 12)}. {self.order()}",
            lambda: f"{noun.capitalize()}: {self.number()}",
            lambda: f"{noun.capitalize()} {self.rng.randint(1, 99)}: {self.pick('nouns')}",
            lambda: f"{self.pick('adjectives').capitalize()} {noun} ({self.number()})",
            lambda: f"{self.pick('names')} {self.pick('names')}, {self.number()}",
            lambda: f"{self.pick('names').lower()}@{noun}.{self.rng.choice(('com', 'org'))}",
            lambda: f"www.{noun}.com/{self.pick('nouns')}",
            lambda: f"Tel. {self.rng.randint(100, 999)}-{self.rng.randint(1000, 9999)}",
        )
        return self.rng.choice(forms)()

    def heading(self) -> str:
        """One to four words, as in a title: now in capitals, now numbered."""
        count = self.rng.randint(1, 3)
        parts = [self.pick("nouns")]
        parts[:0] = [self.pick("adjectives" if self.rng.random() < 0.7 else "nouns")] * (count > 1)
        parts += [self.rng.choice(("of", "and", "for", "in")), self.pick("nouns")] * (count > 2)
        text = " ".join(parts)
        form = self.rng.random()
        if form < 0.15:
            return text.upper()
        text = text[0].upper() + text[1:] if form < 0.5 else _title_case(text)
        return f"{self.rng.randint(1, 9)} {text}" if form > 0.8 else text

    def jumble_word(self) -> str:
        """A word, a number or nonsense, at times with punctuation on it."""
        kind = self.rng.random()
        if kind > 0.85:
            return self.number().replace(" ", "")
        if kind < 0.6:
            word = self.rng.choice(self.words.content)
        elif kind < 0.75:
            word = self.spell(self._syllables)
        else:
            word = self.spell(self._scramble)
        form = self.rng.random()
        word = word.capitalize() if form < 0.15 else word.upper() if form < 0.25 else word
        return self._punctuated(word)

    def number(self) -> str:
        """A number as texts have them: counts, prices, measures, dates, times, codes."""
        integer = self.rng.randint
        forms: tuple[Callable[[], str], ...] = (
            lambda: str(integer(0, 10 ** integer(1, 4))),
            lambda: f"{integer(0, 999)}.{integer(0, 99):02d}",
            lambda: f"${integer(1, 999)}",
            lambda: f"${integer(1, 99)},{integer(0, 999):03d}.{integer(0, 99):02d}",
            lambda: f"{integer(1, 99)},{integer(0, 999):03d}",
            lambda: f"{integer(1, 500)} {self.rng.choice(UNITS)}",
            lambda: f"{integer(0, 100)}%",
            lambda: f"{integer(1, 28)} {self.rng.choice(MONTHS)} {integer(1950, 2030)}",
            lambda: f"{integer(1990, 2030)}-{integer(1, 12):02d}-{integer(1, 28):02d}",
            lambda: f"{integer(1, 28):02d}/{integer(1, 12):02d}/{integer(1990, 2030)}",
            lambda: f"{integer(0, 23)}:{integer(0, 59):02d}",
            lambda: f"{self.rng.choice(string.ascii_uppercase)}{integer(1, 9999)}",
        )
        return self.rng.choice(forms)()

    def thing(self) -> str:
        """A noun phrase."""
        if self.rng.random() < 0.12:
            return self.pick("names")
        noun = self.pick("nouns")
        if self.rng.random() < 0.5:
            noun = f"{self.pick('adjectives')} {noun}"
        if self.rng.random() < 0.25:
            return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
        return f"{self.rng.choice(DETERMINERS)} {noun}"

    def act(self) -> str:
        """A verb that links two things."""
        adverb = f"{self.pick('adverbs')} " if self.rng.random() < 0.15 else ""
        return f"{self.rng.choice(MODALS)} {adverb}{self.pick('verbs')}"

    def order(self) -> str:
        """A verb and its object."""
        return f"{self.pick('verbs')} {self.thing()}"

    def where(self) -> str:
        """A preposition and its noun phrase."""
        return f"{self.rng.choice(PREPOSITIONS)} {self.thing()}"

    def is_(self) -> str:
        """A form of "to be", at times denied."""
        return self.rng.choice(("is", "is", "is", "was", "is not", "will be", "has been"))

    def pick(self, kind: Literal["nouns", "verbs", "adjectives", "adverbs", "names"]) -> str:
        """A word of one part of speech."""
        choices: tuple[str, ...] = getattr(self.words, kind)
        return self.rng.choice(choices)

    def spell(self, invent: Callable[[], str]) -> str:
        """An invented word; training never gets a held-out one by chance."""
        while True:
            word = invent()
            if self.held_out or word.lower() not in held_out_words():
                return word

    def _syllables(self) -> str:
        return "".join(
            self.rng.choice("bcdfghjklmnpqrstvwxyz")
            + self.rng.choice("aeiouy")
            + (self.rng.choice(string.ascii_lowercase) if self.rng.random() < 0.4 else "")
            for _ in range(self.rng.randint(1, 3))
        )

    def _scramble(self) -> str:
        alphabet = string.ascii_letters + string.digits
        return "".join(self.rng.choices(alphabet, k=self.rng.randint(1, 7)))

    def _punctuated(self, word: str) -> str:
        form = self.rng.random()
        if form < 0.12:
            return word + self.rng.choice(".,;:!?")
        if form < 0.15:
            return self.rng.choice(("({})", '"{}"', "'{}'", "[{}]", "<{}>", "{{{}}}")).format(word)
        if form < 0.19:
            return word + self.rng.choice("-_/&+=@#*") + self.rng.choice(self.words.content)
        if form < 0.21:
            return self.rng.choice(string.punctuation) + word
        return word if form < 0.9 else self.rng.choice(function_words())


def _title_case(text: str) -> str:
    small = ("of", "and", "for", "in")
    return " ".join(w if w in small else w[0].upper() + w[1:] for w in text.split(" "))
