"""Which messages are nothing but a few emoji, and are shown large."""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 12
"""Emoji that are still read as a gesture."""

_BASE: Final = (
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b55\u2190-\u21aa\u231a-\u23ff\u25aa-\u25fe\u00a9\u00ae\u203c\u2049\u2122"
    "\u2139\u3030\u303d\u3297\u3299]"
)
_EMOJI: Final = (
    rf"(?:[0-9#*]\ufe0f?\u20e3|{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]{{0,8}}"
    rf"(?:\u200d{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff]{{0,2}}){{0,8}})"
)
"""One emoji as people see it: a base, its variation and skin tone, and what is joined to it
(Unicode Technical Standard 51, "Emoji sequences")."""

_EMOTE: Final = r"!\[[^\]\n]{0,200}\]\([^)\n]{0,200}\)\{\.emote[^}\n]{0,200}\}"
"""A custom emoji in the dialect."""

_ONLY_EMOJI: Final = re.compile(rf"(?:(?:{_EMOJI}|{_EMOTE})\s*){{1,{_MOST}}}")


def is_only_emoji(text: str) -> bool:
    """Whether a message's Markdown is one to twelve emoji, custom ones included, and nothing else."""
    return len(text) <= 500 * _MOST and _ONLY_EMOJI.fullmatch(text) is not None
