"""Threat 3: a name that is a path, a name that no file system takes, a name that meets another."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.hostile.case import Case

_PATHS: Final = (
    Case("path-up", "A way out of the folder.", "../../../../../../tmp/escaped"),
    Case("path-up-windows", "The same for Windows.", "..\\..\\..\\windows\\win.ini"),
    Case(
        "path-up-encoded",
        "The same percent-encoded, once and twice.",
        "%2e%2e%2f%2e%2e%2fescaped %252e%252e%252f",
    ),
    Case(
        "path-up-wide",
        "The same in letters that fold to dots and slashes.",
        "\uff0e\uff0e\uff0fescaped \u2025\u2215 \u2024\u2024\u2044",
    ),
    Case("path-absolute", "An absolute path.", "/etc/passwd"),
    Case("path-drive", "A drive, and a share.", "C:\\con\\con \\\\host\\share"),
    Case("path-home", "A home folder.", "~/.ssh/authorized_keys"),
    Case("path-null", "A NUL, which ends a name.", "picture.png\x00.html"),
    Case("path-dot", "The folder itself.", "."),
    Case("path-dots", "The folder above, and more dots.", "..."),
    Case("path-hidden", "Hidden names.", ".htaccess"),
    Case("path-git", "The repository of the site.", ".git/hooks/post-checkout"),
    Case("path-option", "What a command takes for an option.", "-rf --help"),
    Case("path-shell", "What a shell runs.", "$(touch escaped) `touch escaped` ; touch escaped | x"),
    Case("path-glob", "What a shell expands.", "* ? [a-z] {a,b}"),
    Case("path-trailing", "A dot and a space at the end, which Windows drops.", "name. "),
    Case("path-stream", "A stream of a file, on Windows.", "name.html::$DATA"),
    *(
        Case(f"path-device-{name.lower()}", "The name of a device, on Windows.", name)
        for name in ("CON", "nul.txt", "COM1", "LPT9", "aux")
    ),
    *(
        Case(
            f"path-own-{name.strip('_').replace('.', '-').replace('/', '-')}",
            "A name that the garden uses itself.",
            name,
        )
        for name in (
            "static",
            "media",
            "notes",
            "tag",
            "index.html",
            "404",
            "_headers",
            "feed.atom",
            "neighbours",
            "part-2",
            "2025-03-03",
            "site.toml",
        )
    ),
    Case("path-long", "A name of 300 letters.", "a" * 300),
    Case("path-long-wide", "A name of 300 letters of four bytes.", "\U00020000" * 300),
    Case("path-long-words", "A long name of words.", "long name " * 40),
    Case("path-long-folding", "One letter that becomes eighteen when it is folded.", "\ufdfa" * 100),
    Case("path-many-parts", "A hundred folders.", "a/" * 100),
    *(
        Case(f"path-alike-{number}", "Names that differ in a way that file systems do not see.", name)
        for number, name in enumerate(
            (
                "Garden Path",
                "GARDEN PATH",
                "garden-path",
                "garden_path",
                "Gärden",
                "Ga\u0308rden",
                "ﬁeld",
                "field",
                "\u212aelvin",
                "kelvin",
                "ı",
                "i",
                "İ",
                "straße",
                "STRASSE",
            ),
            1,
        )
    ),
    Case("path-no-letters", "A name without any letter.", "🌱🌱🌱 !!! ---"),
    Case("path-right-to-left", "An ending that seems to be another.", "picture\u202egnp.html"),
    Case("path-endings", "Two endings.", "picture.png.svg.html.php"),
    Case("path-lines", "A name of several lines.", "a\nContent-Type: text/html\r\n\r\n<b>x</b>"),
)

_TYPES: Final = (
    Case("type-svg", "A picture that is a program.", "image/svg+xml"),
    Case("type-html", "A page for a file.", "text/html"),
    Case("type-header", "A type with a second header.", 'text/html\r\nX-Forged: 1; charset="utf-8"'),
    Case("type-none", "A type that is none.", "/;=,"),
)

PATHS: Final = tuple(replace(case, is_name=True) for case in (*_PATHS, *_TYPES))
