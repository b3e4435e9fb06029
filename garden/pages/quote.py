"""Sentences that link: a text and targets in it come in, the sentence around each one's first link goes out.

All are found in one pass, so that a text of a thousand links takes no longer than its length asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from garden.pages.page import Markdown
from garden.pages.plain import excerpt, plain_text, sentences
from garden.pages.rewrite import Place, replace_targets

HERE: Final = "\ue000"
"""Stands in a quoted sentence for the title of the page that it links to (a private-use character)."""

SENTENCE_LENGTH: Final = 240

_MARK: Final = "\ue001"
"""Marks a link while its sentence is looked for."""
_NUMBERS: Final = 0xF0000
"""Links are numbered by private-use characters, which are no letters."""
_MOST: Final = 0xFFFF
_LOOKED_AT: Final = 2000
"""Characters of a sentence that may become its excerpt, with marks: it is quoted for each of its links."""

_MARKED: Final = re.compile(f"{_MARK}(.)", re.DOTALL)
_TITLE: Final = re.compile(f"{HERE}([\U000f0000-\U000fffff])")
_LEADING: Final = re.compile(rf"\]\(<({_MARK}.)>", re.DOTALL)


def quote_sentence(markdown: Markdown, target: str) -> str:
    """Return the sentence in which a link stands, as plain text of at most 240 characters.

    Where the link has no words of its own, `HERE` stands for the title that it will get.
    """
    return quote_sentences(markdown, [target])[target]


def quote_sentences(markdown: Markdown, targets: Iterable[str]) -> Mapping[str, str]:
    """Return for each target the sentence in which it first stands, as `quote_sentence` does."""
    numbers = {target: chr(_NUMBERS + place) for place, target in zip(range(_MOST), targets, strict=False)}

    def mark(target: str) -> Place | None:
        number = numbers.get(target)
        return Place(_MARK + number, HERE + number) if number else None

    marked = _LEADING.sub(r"\1](<>", replace_targets(markdown, mark))
    around = sentences(plain_text(marked))
    first: dict[str, int] = {}
    for place, sentence in enumerate(around):
        for found in _MARKED.finditer(sentence):
            first.setdefault(found[1], place)
    return {
        target: _write(around, first.get(number, 0), number) if around else ""
        for target, number in numbers.items()
    }


def _write(around: list[str], place: int, number: str) -> str:
    # A link alone on its line is explained by the line before it.
    alone = place > 0 and not any(letter.isalnum() for letter in around[place])
    sentence = " ".join(around[place - alone : place + 1])[:_LOOKED_AT]
    named = _TITLE.sub(lambda found: HERE if found[1] == number else "…", sentence)
    return excerpt(_MARKED.sub("", named), SENTENCE_LENGTH)
