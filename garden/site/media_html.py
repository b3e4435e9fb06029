"""Pictures, recordings and files as HTML that reserves their room and asks for nothing before it is wanted.

What a page's Markdown says of a medium comes in: words, address and attributes; elements for the middle of a
paragraph come out. In feeds, which have neither style sheet nor room, recordings are links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urljoin

from garden.language import Language, msgid
from garden.site.attributes import Attributes

_MEDIUM: Final = re.compile(r"((?:\.\./)*media/)(?:[\w-]+/)?[\w-]+(?:\.(\w{1,5}))?", re.ASCII)
_SHOWN: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(?:webp|avif|png|jpg|gif)")
_PICTURES: Final = frozenset({"avif", "gif", "jpeg", "jpg", "png", "webp"})
"""What may open on its own address: endings of which no browser makes a page that acts."""
_PIXELS: Final = re.compile(r"[1-9][0-9]{0,4}")
_COUNT: Final = re.compile(r"[0-9]{1,12}")
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_WAVEFORM: Final = re.compile(r"[0-9a-v]{1,60}")
_ENDING: Final = re.compile(r"\.([A-Za-z0-9]{1,5})$")

_PATH: Final = re.compile(r"[/\\:\x00-\x1f]")

_KINDS: Final[Mapping[str, str]] = {
    "application/json": "JSON",
    "application/pdf": "PDF",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/zip": msgid("ZIP archive"),
    "text/csv": "CSV",
    "text/markdown": "Markdown",
    # Translators: a kind of file
    "text/plain": msgid("text"),
}
_NAMES: Final[Mapping[str, str]] = {
    "image": msgid("Picture"),
    "sticker": msgid("Sticker"),
    "video": msgid("Video"),
    "audio": msgid("Audio"),
    "voice": msgid("Voice message"),
    "file": msgid("File"),
}
_REASONS: Final[Mapping[str, str]] = {
    "too-large": msgid("too large to be copied"),
    "not-found": msgid("not found"),
    "unreadable": msgid("could not be read"),
}
_NOT_COPIED: Final = msgid("not copied")


@dataclass(frozen=True, slots=True)
class Medium:
    """Something that a message shows or offers."""

    words: str
    """Plain text: what stands for it where it cannot be seen."""
    url: str
    """As it stands in the Markdown, relative to the page."""
    attributes: Attributes
    language: Language
    """Of what is said about it."""
    base_url: str = ""
    """The page's full URL where it is for a feed."""
    in_link: bool = False
    """Whether it stands inside a link, which cannot hold another."""

    @property
    def address(self) -> str:
        """Where it is, as an attribute's value."""
        return escape(urljoin(self.base_url, self.url))

    @property
    def name(self) -> str:
        """Its words, as an attribute's value or text."""
        return escape(self.words)

    def beside(self, key: str) -> str:
        """Where another picture of it is in the same folder, as an attribute's value; empty where nowhere."""
        path = self.attributes.keys.get(key, "")
        folder = _MEDIUM.match(self.url)
        found = folder and _SHOWN.fullmatch(path)
        return escape(urljoin(self.base_url, folder[1] + path)) if folder and found else ""


def show_medium(medium: Medium) -> str:
    """Return the HTML of what a picture in Markdown shows; one from elsewhere is a link, never a request."""
    found = _MEDIUM.fullmatch(medium.url)
    classes = medium.attributes.classes
    if found is None:
        return medium.name if "emote" in classes else _lead_elsewhere(medium)
    for name, show in (("video", _show_video), ("audio", _show_audio), ("voice", _show_audio)):
        if name in classes:
            return _link_recording(medium) if medium.in_link or medium.base_url else show(medium)
    if found[2] is None or found[2].lower() not in _PICTURES:
        return _lead_elsewhere(medium)
    if "emote" in classes:
        return _picture(medium, medium.address, ' class="emote"', f' title="{medium.name}"')
    if "sticker" in classes:
        return _picture(medium, medium.beside("thumb") or medium.address, ' class="sticker"')
    picture = _picture(medium, medium.beside("thumb") or medium.address, _tone(medium))
    return picture if medium.in_link else f'<a class="picture" href="{medium.address}">{picture}</a>'


def is_file(url: str, attributes: Attributes) -> bool:
    """Whether a link is one to a file of the garden's media folder."""
    return "file" in attributes.classes and _MEDIUM.fullmatch(url) is not None


def download_name(name: str) -> str:
    """Return a file name as the place of a download: the last part of a path, without hiding dots."""
    return _PATH.split(name)[-1].lstrip(". ") or "file"


def describe_file(name: str, attributes: Attributes, language: Language) -> str:
    """Return what a file is, as HTML for behind its link: "PDF, 1.2 MB"."""
    ending = _ENDING.search(name)
    known = _KINDS.get(attributes.keys.get("type", ""))
    kind = language.gettext(known) if known else ending[1].upper() if ending else ""
    count = attributes.keys.get("size", "")
    size = language.size(int(count)) if _COUNT.fullmatch(count) else ""
    facts = language.gettext("%(kind)s, %(size)s") % {"kind": kind, "size": size} if kind and size else ""
    return _about(facts or kind or size)


def frame_missing(attributes: Attributes, language: Language) -> tuple[str, str]:
    """Return what stands before and behind the name of something that was not copied."""
    kind = language.gettext(_NAMES.get(attributes.keys.get("what", ""), _NAMES["file"]))
    reason = language.gettext(_REASONS.get(attributes.keys.get("why", ""), _NOT_COPIED))
    words = language.gettext("%(kind)s: %(name)s (%(reason)s)")
    before, _, behind = (words % {"kind": kind, "name": "\0", "reason": reason}).partition("\0")
    return f'<span class="missing">{escape(before)}<bdi>', f"</bdi>{escape(behind)}</span>"


def _lead_elsewhere(medium: Medium) -> str:
    words = medium.name or medium.address
    return words if medium.in_link else f'<a href="{medium.address}" rel="nofollow ugc">{words}</a>'


def _picture(medium: Medium, source: str, before: str = "", behind: str = "") -> str:
    return (
        f'<img{before} src="{source}" alt="{medium.name}"{_size(medium)}{behind} loading="lazy"'
        ' decoding="async">'
    )


def _size(medium: Medium) -> str:
    keys = medium.attributes.keys
    return "".join(
        f' {name}="{keys[name]}"' for name in ("width", "height") if _PIXELS.fullmatch(keys.get(name, ""))
    )


def _tone(medium: Medium) -> str:
    """The nearest of sixty-four grounds for the time until the picture is there."""
    color = medium.attributes.keys.get("color", "")
    if medium.base_url or not _COLOR.fullmatch(color):
        return ""
    return ' class="tone-{}{}{}"'.format(*(round(int(color[at : at + 2], 16) / 85) for at in (1, 3, 5)))


def _show_video(medium: Medium) -> str:
    poster = medium.beside("poster")
    still = f' poster="{poster}"' if poster else ""
    return (
        f'<span class="recording"><video controls preload="none" src="{medium.address}"{still}{_size(medium)}'
        f' aria-label="{medium.name or _say(medium, "video")}"></video> {_link_recording(medium)}</span>'
    )


def _show_audio(medium: Medium) -> str:
    return (
        f'<span class="recording">{_draw_waveform(medium)}'
        f'<audio controls preload="none" src="{medium.address}"'
        f' aria-label="{medium.name or _say(medium, "audio")}"></audio> {_link_recording(medium)}</span>'
    )


def _link_recording(medium: Medium) -> str:
    """Return the name of a recording and how long it takes; the name leads to the file itself."""
    words = medium.name or escape(medium.language.gettext("Recording"))
    saved = escape(download_name(medium.words))
    link = f'<a class="file" href="{medium.address}" download="{saved}">{words}</a>'
    return (words if medium.in_link else link) + _about(_duration(medium))


def _say(medium: Medium, kind: str) -> str:
    """Return what something without a name is called, as an attribute's value."""
    return escape(medium.language.gettext(_NAMES[kind]))


def _about(facts: str) -> str:
    return f' <span class="about">{escape(facts)}</span>' if facts else ""


_BAR: Final = 4
"""Pixels from one bar of a waveform to the next."""
_HEIGHT: Final = 32


def _draw_waveform(medium: Medium) -> str:
    """Draw the loudness of a voice message over its time: a bar for each letter, 32 levels from 0 to v."""
    levels = medium.attributes.keys.get("waveform", "")
    if "voice" not in medium.attributes.classes or not _WAVEFORM.fullmatch(levels):
        return ""
    duration = _duration(medium)
    length = medium.language.gettext("Voice message, %(duration)s") % {"duration": duration}
    label = escape(length) if duration else _say(medium, "voice")
    width = len(levels) * _BAR
    bars = "".join(
        f'<rect x="{place * _BAR}" y="{(_HEIGHT - height) // 2}" width="2" height="{height}"/>'
        for place, height in enumerate(max(2, int(letter, 32)) for letter in levels)
    )
    return (
        f'<svg class="waveform" viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}" role="img"'
        f' aria-label="{label}">{bars}</svg> '
    )


def _duration(medium: Medium) -> str:
    """Return how long a recording takes as people write it, 0:12 or 1:02:03."""
    duration = medium.attributes.keys.get("duration", "")
    if not _COUNT.fullmatch(duration):
        return ""
    minutes, seconds = divmod(round(int(duration) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
