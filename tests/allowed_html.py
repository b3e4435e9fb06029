"""What may stand in a page of a garden: closed sets of elements, attributes and addresses.

HTML comes in, as a whole page or a fragment; it is read as browsers read it, and a sentence for each thing
that nobody allowed comes out. Whatever hostile input becomes must pass, and so must what the theme writes. Of
scripts there may be the theme's own, once in a page, never in a fragment, and without a word inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Comment, Element

import html5lib

_HTML: Final = "http://www.w3.org/1999/xhtml"
_SVG: Final = "http://www.w3.org/2000/svg"
_MATHML: Final = "http://www.w3.org/1998/Math/MathML"

_GLOBAL: Final = frozenset(
    {
        "class",
        "id",
        "dir",
        "lang",
        "title",
        "role",
        "tabindex",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
        "aria-current",
    }
)


def _allow(**rows: str) -> Mapping[str, frozenset[str]]:
    """Read rows of elements and what they may carry besides the attributes that every element may."""
    return {
        element: frozenset(attributes.split())
        for elements, attributes in rows.items()
        for element in elements.split("_")
    }


_ELEMENTS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    _HTML: {
        # The frame.
        **_allow(html_head_body_title="", meta="charset name property content http-equiv media"),
        **_allow(link="rel href type title media as crossorigin sizes hreflang"),
        **_allow(header_footer_main_nav_section_article_aside="", h1_h2_h3_h4_h5_h6_hgroup=""),
        # Blocks.
        **_allow(p_div_hr_pre_blockquote_figure_figcaption_dl_dt_dd_ul_summary="", details="open"),
        **_allow(ol="start reversed", li="value"),
        **_allow(table_caption_thead_tbody_tfoot_tr="", th_td="colspan rowspan scope"),
        # Words.
        **_allow(
            span_bdi_bdo_em_strong_u_s_del_ins_sub_sup_code_kbd_samp_small_mark_i_b_q_cite_abbr_wbr_br=""
        ),
        **_allow(a="href rel hreflang download type", time="datetime", data="value"),
        # What is shown and heard.
        **_allow(img="src srcset sizes alt width height loading decoding", picture=""),
        **_allow(source="src srcset type media width height"),
        **_allow(video="src poster controls preload width height", audio="src controls preload"),
        # What the theme's own script may be told, in the language of the page.
        **_allow(script="type src"),
        # The only thing that a reader can set: whether a spoiler is open.
        **_allow(label="", input="type"),
    },
    _SVG: {
        **_allow(svg="viewBox width height preserveAspectRatio focusable x y", g_defs_title_desc=""),
        **_allow(text="x y direction text-anchor", a="href"),
        # A drawing of the same page, drawn again.
        **_allow(use="href x y"),
        **_allow(pattern="width height patternUnits x y", path="d fill", circle="cx cy r fill"),
        **_allow(rect="x y width height rx ry fill", line="x1 y1 x2 y2", polyline_polygon="points fill"),
    },
    _MATHML: {
        **_allow(math="display alttext", mrow_mphantom_merror_msqrt_mroot_mtext_mn_mprescripts=""),
        **_allow(mi="mathvariant"),
        **_allow(mo="fence form largeop lspace maxsize minsize movablelimits rspace separator"),
        **_allow(
            mfrac="linethickness", mspace="width height depth", mpadded="width height depth lspace voffset"
        ),
        **_allow(msub_msup_msubsup_mmultiscripts="", mover="accent", munder="accentunder"),
        **_allow(munderover="accent accentunder", mtable_mtr="", mtd="columnspan rowspan", mstyle=""),
    },
}
_MATHML_GLOBAL: Final = frozenset({"displaystyle", "scriptlevel", "stretchy", "symmetric"})

_ADDRESSES: Final = frozenset({"href", "src", "poster", "srcset"})
_LEADING: Final = frozenset({"", "http", "https", "ftp", "mailto", "magnet", "matrix", "geo"})
"""Schemes of links, which do nothing before somebody follows them."""
_NAMING: Final = frozenset({"alternate", "author", "canonical", "license", "me", "next", "prev", "self"})
"""Relations of `<link>` whose address browsers do not ask for by themselves."""
_LOADING: Final = frozenset({"apple-touch-icon", "icon", "preload", "stylesheet"})

_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+#.-]*(?: [A-Za-z][A-Za-z0-9_+#.-]*)*")
_LENGTH: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:em|ex|px|pt|mu|cm|mm|in|pc|%)?")
_FLAG: Final = re.compile("true|false")
_VALUES: Final[Mapping[str, re.Pattern[str]]] = {
    "class": _WORDS,
    "rel": re.compile(r"[a-z-]+(?: [a-z-]+)*"),
    "dir": re.compile("auto|ltr|rtl"),
    "direction": re.compile("ltr|rtl"),
    "text-anchor": re.compile("end"),
    "role": re.compile("note|img|list|listitem|group|presentation|status|math"),
    "tabindex": re.compile("0|-1"),
    "type": re.compile(r"checkbox|module|[a-z]+/[a-z0-9.+-]+"),
    "http-equiv": re.compile("Content-Security-Policy|refresh"),
    "loading": re.compile("lazy|eager"),
    "decoding": re.compile("async"),
    "preload": re.compile("none|metadata"),
    "start": re.compile(r"\d{1,9}"),
    "value": re.compile(r"\d{1,9}"),
    "fill": re.compile(r"none|currentColor|url\(#[\w-]+\)"),
    "display": re.compile("block|inline"),
    "mathvariant": re.compile("normal"),
    "form": re.compile("prefix|infix|postfix"),
    "scriptlevel": re.compile(r"[+-]?\d"),
    **dict.fromkeys(("width", "height", "depth", "lspace", "rspace", "voffset", "linethickness"), _LENGTH),
    **dict.fromkeys(("maxsize", "minsize"), _LENGTH),
    **dict.fromkeys(("stretchy", "symmetric", "fence", "separator", "largeop", "movablelimits"), _FLAG),
    **dict.fromkeys(("accent", "accentunder", "displaystyle"), _FLAG),
}
"""What an attribute may say, where browsers act on it."""

_OWN_SCRIPT: Final = re.compile(r"(?:\./|(?:\.\./)+|/(?:[\w-]+/)*)static/garden\.js")
_HERE: Final = re.compile(r"#[\w-]+")
_TOLD: Final = re.compile(r"data-[a-z]+")

_DOCTYPE: Final = "<!DOCTYPE>"
_ROOTS: Final = frozenset({"DOCUMENT_ROOT", "DOCUMENT_FRAGMENT"})
"""What html5lib calls what is no element."""

_REFRESH: Final = re.compile(r"0; ?url=(.*)")


def find_forbidden(html: str, own: str = "") -> list[str]:
    """Return a sentence for everything in a page or fragment that is not allowed; empty where all is well.

    `own` is the URL below which the garden stands, where addresses are written in full, as in feeds: what a
    browser loads by itself comes from there, or is relative.
    """
    return list(_find(html, own))


def _find(html: str, own: str) -> Iterator[str]:
    elements = list(_read(html).iter())
    scripts = [each for each in elements if _name(each) == "script"]
    if len(scripts) > _is_whole(html):
        yield f"{len(scripts)} scripts"
    yield from ("words in a script" for each in scripts if each.text or len(each))
    for element in elements:
        if _is_comment(element.tag):
            yield f"a comment: {(element.text or '')[:60]!r}"
        elif element.tag == _DOCTYPE:
            if element.text != "html" or element.get("publicId") or element.get("systemId"):
                yield f"a doctype of {element.text!r}"
        elif element.tag not in _ROOTS:
            yield from _judge_element(element, own)


def _read(html: str) -> Element:
    """Read HTML as the standard says, whole or as what a `<div>` holds."""
    builder = html5lib.getTreeBuilder("etree", fullTree=True)
    parser = html5lib.HTMLParser(builder)
    tree: Element = parser.parse(html) if _is_whole(html) else parser.parseFragment(html, container="div")
    return tree


def _is_comment(tag: object) -> bool:
    """A comment's tag is the function that makes it, whatever its type says."""
    return tag is Comment


def _name(element: Element) -> str:
    """Return what an element is called, without its namespace."""
    return "" if _is_comment(element.tag) else element.tag.rpartition("}")[2]


def _is_whole(html: str) -> bool:
    return html.lstrip()[:9].lower() == "<!doctype"


@cache
def _allowed(tag: str) -> frozenset[str] | None:
    """Return the attributes that an element may carry; None where it may not be there."""
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    allowed = _ELEMENTS.get(namespace, {}).get(name)
    if allowed is None:
        return None
    return allowed | _GLOBAL | (_MATHML_GLOBAL if namespace == _MATHML else frozenset())


def _judge_element(element: Element, own: str) -> Iterator[str]:
    name, allowed = _name(element), _allowed(element.tag)
    if allowed is None:
        yield f"the element <{name}>"
        return
    attributes = element.attrib
    for key, value in attributes.items():
        if name == "script" and _TOLD.fullmatch(key):
            continue
        if key not in allowed:
            yield f"the attribute {key}={value!r} of <{name}>"
        elif key in _VALUES and not _VALUES[key].fullmatch(value):
            yield f"{key}={value[:60]!r} of <{name}>"
    yield from _judge_addresses(name, attributes, own)
    yield from _judge_role(name, attributes)


def _judge_addresses(name: str, attributes: Mapping[str, str], own: str) -> Iterator[str]:
    """Links may lead to anywhere that cannot act; what is loaded comes from the garden itself."""
    relations = set(attributes.get("rel", "").split())
    leads = name == "a" or (name == "link" and bool(relations) and relations <= _NAMING)
    for key in _ADDRESSES & attributes.keys():
        urls = (
            [each.split()[0] for each in attributes[key].split(",") if each.strip()]
            if key == "srcset"
            else [attributes[key]]
        )
        for url in urls:
            if not (_may_lead(url) if leads else _may_load(url, own)):
                yield f"the address {key}={url[:60]!r} of <{name}>"
    found = (
        _REFRESH.fullmatch(attributes.get("content", ""))
        if attributes.get("http-equiv") == "refresh"
        else None
    )
    if attributes.get("http-equiv") == "refresh" and not (found and _may_load(found[1], own)):
        yield f"a refresh to {attributes.get('content')!r}"


def _judge_role(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """Elements that are allowed for one purpose only."""
    relations = set(attributes.get("rel", "").split())
    if name == "input" and attributes.get("type") != "checkbox":
        yield f"an input of type {attributes.get('type')!r}"
    is_own = attributes.get("type") == "module" and _OWN_SCRIPT.fullmatch(attributes.get("src", ""))
    if name == "script" and not is_own:
        yield f"a script that is not the theme's own: {attributes.get('src')!r}"
    if name == "link" and not (relations and relations <= _NAMING | _LOADING):
        yield f"a link with rel={attributes.get('rel')!r}"
    if name == "use" and not _HERE.fullmatch(attributes.get("href", "")):
        yield f"a drawing from elsewhere: {attributes.get('href')!r}"
    if name == "img" and "alt" not in attributes:
        yield f"a picture without words: {attributes.get('src')!r}"


def _may_lead(url: str) -> bool:
    parts = _split(url)
    return parts is not None and parts[0] in _LEADING and not (parts[1] and not parts[0])


def _may_load(url: str, own: str) -> bool:
    parts = _split(url)
    return parts is not None and (parts == ("", "") or bool(own and url.startswith(own)))


def _split(url: str) -> tuple[str, str] | None:
    """Return scheme and host as browsers see them: two slashes, leaning either way, lead to a host."""
    if url != url.strip() or re.search(r"[\x00-\x20\x7f]", url):
        return None
    try:
        parts = urlsplit(re.sub(r"^[/\\\\]{2,}", "//", url))
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc
