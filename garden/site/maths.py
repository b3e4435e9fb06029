r"""TeX becomes MathML: the only module that speaks latex2mathml.

A formula as a sender typed it comes in; MathML Core comes out, in which only elements and attributes of a
closed list stand and every text is text, since the library lets markup of `\text`, `\href`, `\style` and
others through. What is too long, too deep or not understood gives None, and its source is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Final
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_LENGTH: Final = 2000
"""Characters of a formula."""
_MAX_DEPTH: Final = 40
_MAX_ELEMENTS: Final = 2000

_MACROS: Final = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)(?![A-Za-z])")
"""A macro that holds others twice, ten levels deep, would be a thousand of them."""
_UNKNOWN: Final = re.compile(r"\\[A-Za-z]+")

_FLAG: Final = re.compile("true|false")
_GAP: Final = re.compile(r"\+?1?\d(?:\.\d{1,4})?(?:em|ex)|-0?\.\d{1,4}em")
"""A distance that stays near its formula."""
_NOTHING: Final = re.compile("0(?:px)?")

_ELEMENTS: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "merror": {},
    "mfrac": {"linethickness": _NOTHING},
    "mi": {"mathvariant": re.compile("normal")},
    "mmultiscripts": {},
    "mn": {},
    "mo": {
        **dict.fromkeys(("fence", "largeop", "movablelimits", "separator", "stretchy", "symmetric"), _FLAG),
        **dict.fromkeys(("lspace", "rspace", "maxsize", "minsize"), _GAP),
        "form": re.compile("prefix|infix|postfix"),
    },
    "mover": {"accent": _FLAG},
    "mpadded": dict.fromkeys(("width", "height", "depth"), _NOTHING),
    "mphantom": {},
    "mprescripts": {},
    "mroot": {},
    "mrow": {},
    "mspace": dict.fromkeys(("width", "height", "depth"), _GAP),
    "msqrt": {},
    "mstyle": {},
    "msub": {},
    "msubsup": {},
    "msup": {},
    "mtable": {},
    "mtd": {},
    "mtext": {},
    "mtr": {},
    "munder": {"accentunder": _FLAG},
    "munderover": {"accent": _FLAG, "accentunder": _FLAG},
}
"""MathML Core, section 2, without what leads elsewhere, colours or acts."""
_ANYWHERE: Final = {"displaystyle": _FLAG, "scriptlevel": re.compile(r"[+-]?[0-3]")}
_BOXES: Final = {"box": "boxed", "updiagonalstrike": "struck", "downdiagonalstrike": "struck"}
"""What `<menclose>` draws, which MathML Core leaves to style sheets, and the class that says it."""

_CHILDREN: Final = {
    **dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}


def render_maths(tex: str, *, is_block: bool = False) -> str | None:
    """Render a formula in TeX as a `<math>` element; None where it is too long or not understood."""
    if not tex.strip() or len(tex) > MAX_LENGTH or _MACROS.search(tex):
        return None
    display = "block" if is_block else "inline"
    try:
        tree = Converter(display=display).convert_to_element(tex)
        inside = "".join(_write_all(tree, iter(range(_MAX_ELEMENTS)), 0))
    except Exception:  # noqa: BLE001  # the library fails in many ways, a formula only in one: its source is shown
        return None
    mode = ' display="block"' if is_block else ""
    return f'<math{mode} alttext="{escape(" ".join(tex.split()))}">{inside}</math>'


_TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext"})


def _write_all(parent: Element, budget: Iterator[int], depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        raise ValueError("a formula nested too deep")
    for child in parent:
        yield from _write(child, budget, depth)


def _write(element: Element, budget: Iterator[int], depth: int) -> Iterator[str]:
    if next(budget, None) is None:
        raise ValueError("a formula of too many parts")
    # What is not on the list is a row of what it holds.
    name = element.tag if element.tag in _ELEMENTS else "mrow"
    # A parser of HTML leaves MathML where a token holds an element.
    name = "mrow" if name in _TOKENS and len(element) else name
    if len(element) != _CHILDREN.get(name, len(element)):
        raise ValueError(f"<{name}> with {len(element)} parts")
    text = unescape(element.text or "")
    if name in {"mi", "mo"} and _UNKNOWN.fullmatch(text):
        raise ValueError(f"an unknown command: {text}")
    yield f"<{name}{_write_attributes(element, name)}>{escape(text, quote=False)}"
    yield from _write_all(element, budget, depth + 1)
    yield f"</{name}>"


def _write_attributes(element: Element, name: str) -> str:
    allowed = {**_ELEMENTS[name], **_ANYWHERE}
    kept = [
        f' {key}="{value}"'
        for key, value in element.attrib.items()
        if key in allowed and allowed[key].fullmatch(value)
    ]
    style = _class_of(element)
    return "".join(kept) + (f' class="{style}"' if style else "")


def _class_of(element: Element) -> str:
    """Columns and boxes, which MathML Core leaves to style sheets."""
    if element.tag == "mtd" and element.get("columnalign") in {"left", "right"}:
        return f"to-{element.attrib['columnalign']}"
    return _BOXES.get(element.get("notation", ""), "") if element.tag == "menclose" else ""
