"""The policy forbids everything but the garden's own pictures, styles, fonts, media and script."""

from __future__ import annotations

from garden.site.headers import CONTENT_SECURITY_POLICY, RESPONSE_HEADERS, render_headers_file


def test_the_policy_allows_neither_scripts_in_a_page_nor_frames_nor_other_origins() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) == {"'self'", "'none'"}
    assert {name for name, value in rules.items() if value == "'self'"} == {
        "img-src",
        "style-src",
        "font-src",
        "media-src",
        "script-src",
        "connect-src",
    }


def test_frame_ancestors_stands_in_the_header_only_since_a_meta_tag_may_not_say_it() -> None:
    assert "frame-ancestors" not in CONTENT_SECURITY_POLICY
    header = dict(RESPONSE_HEADERS)["Content-Security-Policy"]
    assert header == f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"


def test_the_file_names_the_garden_and_all_below_it_then_each_header_indented() -> None:
    path, *headers = render_headers_file("/garden/").decode().splitlines()
    assert path == "/garden/*"
    assert [line.strip().partition(": ")[0] for line in headers] == [
        "Content-Security-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "Permissions-Policy",
    ]
    assert all(line.startswith("  ") for line in headers)
