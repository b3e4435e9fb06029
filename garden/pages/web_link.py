"""Web links: the URLs of other sites in messages and notes come in, each with its key goes out.

Two URLs with one key lead to the same page, as far as that can be told without asking anybody: this is what
"seen elsewhere" compares. The decision record 0026 says why each part counts or does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from garden.pages.address import Anchor, local_target
from garden.pages.page import Markdown, Note, PageMessage, WebLink
from garden.pages.scan import Mark, scan

MOST_WEB_LINKS: Final = 50
"""URLs of one page that are kept."""

LONGEST_URL: Final = 500
"""Characters; a longer one is hardly ever shared twice, and would fill cards and pages."""

TRACKING: Final = frozenset(
    {
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ymclid", "twclid"),
        *("ttclid", "igshid", "igsh", "li_fat_id", "epik", "irclickid", "srsltid", "rb_clickid", "vero_id"),
        *("mc_cid", "mc_eid", "mkt_tok", "vero_conv", "oly_anon_id", "oly_enc_id", "ml_subscriber_hash"),
        *("_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "_openstat", "_ga", "_gl"),
        *("_branch_match_id", "_branch_referrer", "ref_src", "ref_url", "guccounter", "guce_referrer"),
        *("guce_referrer_sig",),
    }
)
"""Names of query parameters that say who shared a link and through what, not where it leads."""

TRACKING_PREFIXES: Final = ("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "stm_")

TRACKING_AT: Final[Mapping[str, frozenset[str]]] = {
    "youtube.com": frozenset({"feature", "pp", "si"}),
    "youtu.be": frozenset({"feature", "si"}),
    "open.spotify.com": frozenset({"si"}),
    "instagram.com": frozenset({"hl"}),
}
"""Such names that mean something else on other sites, by host."""

_NOT_THE_WEB: Final = frozenset({"matrix.to"})
"""Hosts whose URLs are identifiers of Matrix, whatever they look like."""

_DEFAULT_PORTS: Final = frozenset({None, 80, 443})
_HOST: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_BARE_NUMBERS: Final = re.compile(r"[0-9.]+")
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_KEPT_AS_IT_IS: Final = "/?:@!$&'()*+,;=%~[]-._"
_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9._~-]")
_ROUTES: Final = ("!", "/")
"""Beginnings of a fragment that names a page of its own, in sites that a script draws (`#!/…`, `#/…`)."""


def find_web_links(messages: Iterable[PageMessage], base_url: str) -> tuple[WebLink, ...]:
    """Return the URLs of other sites in a page's messages, each once, at most `MOST_WEB_LINKS`."""
    return _keep(
        (url, message.anchor)
        for message in messages
        if message.is_spoken
        for url in _find_urls(message.text, base_url)
    )


def find_note_web_links(note: Note, base_url: str) -> tuple[WebLink, ...]:
    """Return the URLs of other sites in a note, each once, at most `MOST_WEB_LINKS`."""
    return _keep((url, None) for url in _find_urls(note.text, base_url))


@lru_cache(maxsize=65_536)
def web_key(url: str) -> str | None:
    """Return what all spellings of a URL have in common: `host/path?query`; None where it leads to no site.

    Scheme, `www.`, the default port, tracking parameters, the last slash and the fragment do not count, and
    percent-encoding is written in one way (RFC 3986, section 6.2.2). A name or password in it makes it
    nobody's to compare.
    """
    if len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        host, port = _normal_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or host in _NOT_THE_WEB:
        return None
    at = "" if port in _DEFAULT_PORTS else f":{port}"
    query = "&".join(each for each in parts.query.split("&") if each and not _is_tracking(each, host))
    path = _normal_encoding(parts.path).rstrip("/")
    return f"{host}{at}{path}" + (f"?{_normal_encoding(query)}" if query else "") + _route(parts)


def web_host(key: str) -> str:
    """Return the host of a key, without its port."""
    return re.split(r"[/?#:]", key, maxsplit=1)[0]


def _keep(found: Iterator[tuple[str, Anchor | None]]) -> tuple[WebLink, ...]:
    """Compare a bounded number only: a message may hold ten thousand of them."""
    kept: dict[str, WebLink] = {}
    for url, anchor in islice(found, 10 * MOST_WEB_LINKS):
        key = web_key(url)
        if key is not None and key not in kept:
            kept[key] = WebLink(url, anchor)
            if len(kept) == MOST_WEB_LINKS:
                break
    return tuple(kept.values())


def _find_urls(markdown: Markdown, base_url: str) -> Iterator[str]:
    """Yield the URLs of other sites in Markdown; what stands in code or in a spoiler is not told."""
    if "://" not in markdown:
        return
    found: list[str] = []
    brackets: list[int] = []
    for piece in scan(markdown):
        if piece.mark is Mark.OPEN:
            brackets.append(len(found))
        elif piece.mark is Mark.AUTOLINK:
            found.append(piece.value)
        elif piece.mark in {Mark.LINK, Mark.SPAN, Mark.CLOSE}:
            start = brackets.pop() if brackets else len(found)
            if piece.mark is Mark.SPAN and ".spoiler" in piece.attributes.partition('"')[0]:
                del found[start:]
            elif piece.mark is Mark.LINK:
                # Where `&copy=` could be read as a character, the ampersand is written as one.
                found.append(piece.value.replace("&amp;", "&"))
    for url in found:
        if url[:4].lower() == "http" and local_target(base_url, url) is None:
            yield url


def _normal_host(host: str) -> str:
    """Return a host as the name system knows it; empty for an address in numbers, which is no site's name."""
    name = host.rstrip(".")
    if not name.isascii():
        # Names in other scripts have one form on the wire (RFC 3490); what has none is left out.
        name = name.encode("idna").decode()
    name = name.lower().removeprefix("www.")
    return name if _HOST.fullmatch(name) and not _BARE_NUMBERS.fullmatch(name) else ""


def _is_tracking(parameter: str, host: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES) or name in TRACKING_AT.get(host, ())


def _normal_encoding(text: str) -> str:
    return _ENCODED.sub(_decode_unreserved, quote(text, safe=_KEPT_AS_IT_IS))


def _decode_unreserved(found: re.Match[str]) -> str:
    byte = unquote_to_bytes(found[0])
    return byte.decode() if _UNRESERVED.fullmatch(byte) else found[0].upper()


def _route(parts: SplitResult) -> str:
    return f"#{_normal_encoding(parts.fragment)}" if parts.fragment.startswith(_ROUTES) else ""
