"""Ten thousand messages as people write them become HTML: cleaning, Markdown and rendering, on one core.

Seven in ten are a line or two of plain text, two carry simple formatting, one is rich: lists, code, tables,
maths, spoilers, links. Beside them, in the same run, stands the floor: the same `formatted_body` through nh3
alone and the same `body` through markdown-it-py alone, with neither put together.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import nh3
from markdown_it import MarkdownIt

from garden.pages.escape import write_plain
from garden.pages.from_html import write_html
from garden.pages.page import Markdown
from garden.pages.wording import Wording
from garden.site.markdown import render_markdown

_Item = TypeVar("_Item")

COUNT: Final = 10_000
TARGET: Final = 3_000
"""Messages per second and core that garden promises."""
_ROUNDS: Final = 3
_TALK: Final = (
    "we dry the bean seed until it snaps then jar it with a tight lid and keep it dark and cold over winter"
    " because damp is what spoils seed not frost who has read the sensor by the north bed since monday it"
    " says eight percent which cannot be right after that rain or can it perhaps the probe sits too high let"
    " us look on saturday bring the long spade and cake water runs off the path into the ditch again so"
    " mulch might help there thanks for the photograph of the newt pond I never saw so many at once"
)
_WORDS: Final = tuple(_TALK.split())


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a client sends it."""

    body: str
    formatted_body: str | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """What one way of writing messages out takes."""

    name: str
    per_second: float
    """Messages per second of processor time."""


def make_messages(count: int = COUNT) -> list[Said]:
    """Make messages, the same at every run, no two alike."""
    dice = random.Random(2026)
    makers = [_plain] * 14 + [_simple] * 4 + [_rich] * 2
    return [dice.choice(makers)(dice, number) for number in range(count)]


def measure_words(messages: Sequence[Said]) -> Iterator[Speed]:
    """Measure garden's whole way, its two halves, and the floor."""
    written = [_write(each) for each in messages]
    for text in written[:500]:
        render_markdown(text)
    yield _time("cleaning, Markdown and HTML", messages, lambda each: render_markdown(_write(each)))
    yield _time("  of it, cleaning and Markdown", messages, _write)
    yield _time("  of it, HTML", written, render_markdown)
    for name, kind in (("plain", _is_plain), ("formatted", _is_formatted)):
        some = [each for each in messages if kind(each)]
        yield _time(f"  {name} messages only", some, lambda each: render_markdown(_write(each)))
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

    def floor(said: Said) -> object:
        return nh3.clean(said.formatted_body) if said.formatted_body else None, parser.render(said.body)

    yield _time("floor: nh3 and markdown-it-py alone", messages, floor)


def tell_words() -> None:
    """Measure and print."""
    messages = make_messages()
    print(f"{len(messages)} messages: 70 % plain, 20 % simply formatted, 10 % rich\n")
    print(f"{'':44}{'messages per second and core':>30}")
    for speed in measure_words(messages):
        print(f"{speed.name:44}{speed.per_second:30,.0f}", flush=True)
    print(f"{'promised':44}{TARGET:30,}\n")


def _write(said: Said) -> Markdown:
    wording = Wording()
    return (write_html(said.formatted_body, wording) if said.formatted_body else "") or write_plain(
        said.body, wording
    )


def _time(name: str, items: Sequence[_Item], work: Callable[[_Item], object]) -> Speed:
    """Return the best of some rounds: what else the machine does only ever slows one down."""
    best = min(_one_round(items, work) for _ in range(_ROUNDS))
    return Speed(name, len(items) / best)


def _one_round(items: Sequence[_Item], work: Callable[[_Item], object]) -> float:
    began = time.process_time()
    for item in items:
        work(item)
    return time.process_time() - began


def _is_plain(said: Said) -> bool:
    return said.formatted_body is None


def _is_formatted(said: Said) -> bool:
    return said.formatted_body is not None


def _sentence(dice: random.Random) -> str:
    start = dice.randrange(len(_WORDS))
    words = [_WORDS[(start + step) % len(_WORDS)] for step in range(dice.randint(4, 18))]
    return " ".join(words).capitalize() + dice.choice((".", ".", ".", "?", "!", " 🌱"))


def _plain(dice: random.Random, number: int) -> Said:
    """A line, now and then two, with a link in one of ten."""
    body = " ".join(_sentence(dice) for _ in range(dice.choice((1, 1, 1, 2, 3))))
    if number % 10 == 0:
        body += f" https://fen.example/beds/{number}?view=soil#probe"
    return Said(f"{body}\n{_sentence(dice)}" if number % 7 == 0 else body)


def _simple(dice: random.Random, number: int) -> Said:
    """What a client makes of a few marks: emphasis, code, a link, a pill."""
    first, second = _sentence(dice), _sentence(dice)
    body, html = dice.choice(
        (
            (f"**{first}** {second}", f"<strong>{first}</strong> {second}"),
            (f"{first} *{number}* {second}", f"<p>{first} <em>{number}</em> {second}</p>"),
            (f"{first} `bed-{number}`", f"{first} <code>bed-{number}</code>"),
            (
                f"{first} [the bed](https://fen.example/{number})",
                f'{first} <a href="https://fen.example/{number}">the bed</a>',
            ),
            (
                f"Ada: {first}",
                f'<a href="https://matrix.to/#/@ada:fen.example">Ada</a>: {first}<br>{second}',
            ),
        )
    )
    return Said(body, html)


def _rich(dice: random.Random, number: int) -> Said:
    """A long message of several blocks, of which one is code, a table, maths, a spoiler or a quotation."""
    first, second, third = _sentence(dice), _sentence(dice), _sentence(dice)
    body = f"## {first}\n\n{second}\n\n- {first}\n- **{third}** [bed](https://fen.example/{number})\n\n"
    html = (
        f"<h2>{first}</h2>\n<p>{second}</p>\n<ul>\n<li>{first}</li>\n"
        f'<li><strong>{third}</strong> <a href="https://fen.example/{number}">bed</a></li>\n</ul>\n'
    )
    more, more_html = dice.choice(
        (
            (
                f'```python\nfor bed in range({number}):\n    print(bed, "{third}")\n```',
                (
                    f'<pre><code class="language-python">for bed in range({number}):\n'
                    f"    print(bed, &quot;{third}&quot;)\n</code></pre>"
                ),
            ),
            (
                f"| bed | damp |\n| --- | --- |\n| {number} | 8 % |\n| {number + 1} | 9 % |",
                (
                    "<table><thead><tr><th>bed</th><th>damp</th></tr></thead><tbody>"
                    f"<tr><td>{number}</td><td>8 %</td></tr><tr><td>{number + 1}</td><td>9 %</td></tr>"
                    "</tbody></table>"
                ),
            ),
            (
                f"$\\frac{{{number}}}{{x^2}}$ {third}",
                f'<p><span data-mx-maths="\\frac{{{number}}}{{x^2}}"><code>x</code></span> {third}</p>',
            ),
            (
                f"||{third}|| and {second}",
                f'<p><span data-mx-spoiler="bed {number}">{third}</span> and {second}</p>',
            ),
            (f"> {third}\n> {second}", f"<blockquote>\n<p>{third}<br>{second}</p>\n</blockquote>\n"),
        )
    )
    return Said(body + more, html + more_html)
