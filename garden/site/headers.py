"""What a browser is told to refuse: the Content-Security-Policy and its companions.

A garden's pages need pictures, styles, fonts and media of their own origin, the theme's own script, which
may ask that origin only, and nothing else: no script in a page, no frame, no form, no third party. The policy
flows into every page (meta tag) and, for hosts that read it, into `_headers`.
"""

from __future__ import annotations

from typing import Final

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; media-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""For `<meta http-equiv>` (Content Security Policy Level 3); `frame-ancestors` is not allowed there."""

RESPONSE_HEADERS: Final = (
    ("Content-Security-Policy", f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""Every answer of a garden carries these, whoever serves it."""

HEADERS_FILE: Final = "_headers"
"""Where hosts look for the file: at the root of what they publish."""


def render_headers_file(base_path: str) -> bytes:
    """Return the `_headers` file for a garden whose URLs start with `base_path`, the path of its `base_url`.

    `base_path` is percent-encoded and starts and ends in a slash. The rule holds for every path below it.
    """
    rules = "".join(f"  {name}: {value}\n" for name, value in RESPONSE_HEADERS)
    return f"{base_path}*\n{rules}".encode()
