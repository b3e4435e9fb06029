"""What a template may write with beside its view: filters, from a value to words, and a few names.

A view's plain values come in, words in the garden's language come out. Each function's docstring is its line
in the reference of views.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Final

from markupsafe import Markup

from garden.language import Language
from garden.site.consent_view import SpanView
from garden.site.headers import CONTENT_SECURITY_POLICY
from garden.site.markdown import render_markdown
from garden.site.view import TimeView


def markdown(language: Language, text: str) -> Markup:
    """Turn Markdown, as fields of the type `Markdown` hold it, into safe HTML."""
    # Raw HTML is off there, so what comes back is safe.
    return Markup(render_markdown(text, language=language))  # noqa: S704


def day(language: Language, time: TimeView) -> str:
    """Write the day of a moment: `3 March 2025`."""
    return language.day(_read(time))


def month(language: Language, time: TimeView) -> str:
    """Write the month of a moment: `March 2025`."""
    return language.month(_read(time))


def clock(language: Language, time: TimeView) -> str:
    """Write the time of day of a moment, UTC: `09:12`."""
    return language.clock(_read(time).time())


def number(language: Language, value: int) -> str:
    """Write a number with its separators: `12,345`."""
    return language.number(value)


def span(language: Language, length: SpanView) -> str:
    """Write a length of time: `3 days`."""
    return language.span(length.count, length.unit)


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    each.__name__: each for each in (markdown, day, month, clock, number, span)
}

NAMES: Final[Mapping[str, str]] = {
    "_": "`_(words)` or `gettext(words)` writes English words, with elements or without, in the language of"
    " the garden; `_(words, name=value)` puts values where they say `%(name)s`. `{% trans %}` does the same.",
    "ngettext": "`ngettext(one, many, number)` writes the words that a number asks for; `%(num)s` in them is"
    " the number.",
    "pgettext": "`pgettext(context, words)` tells words apart that are the same in English; `npgettext` does"
    " both.",
    "content_security_policy": "What a browser may do on a page, for the `meta` element in its head.",
}
"""Names beside `view`, each with its line in the reference."""

POLICY: Final = {"content_security_policy": CONTENT_SECURITY_POLICY}


def bind_filters(language: Language) -> dict[str, Callable[..., str]]:
    """Return the filters by name, writing in a language."""
    return {name: partial(function, language) for name, function in FILTERS.items()}


def bind_names(language: Language) -> dict[str, object]:
    """Return the names beside `view`, but those that jinja2 makes of these, writing in a language."""
    finders = (language.gettext, language.ngettext, language.pgettext, language.npgettext)
    sentences = {find.__name__: _sentence(find, language) for find in finders}
    return {**POLICY, **sentences}


def _sentence(find: Callable[..., str], language: Language) -> Callable[..., Markup]:
    """Return what templates call for words, which may hold elements; values are escaped and numbers written.

    As with jinja's own, `%(name)s` takes the value of that name, and `num` is the number that chose the form.
    """

    # Pages say the same few words again and again.
    @lru_cache(maxsize=1024)
    def write_alone(words: str | int) -> Markup:
        return Markup(find(words)) % {}  # noqa: S704 - as below

    def write(*words: str | int, **values: object) -> Markup:
        if len(words) == 1 and not values:
            return write_alone(words[0])
        if isinstance(words[-1], int):
            values.setdefault("num", words[-1])
        shown = {
            name: language.number(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        # Tests hold catalogues to the elements that stand in the English.
        return Markup(find(*words)) % shown  # noqa: S704

    return write


def _read(time: TimeView) -> datetime:
    return datetime.fromisoformat(time.iso)
