"""The search for what nobody allowed finds it, whatever it hides behind."""

from __future__ import annotations

import pytest

from tests.allowed_html import find_forbidden


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=x>a</p>",
        "<script>x</script>",
        "<SCRIPT/x>",
        '<script src="../static/garden.js"></script>',
        '<script type="module" src="../media/garden.js"></script>',
        '<script type="module" src="https://evil.example/static/garden.js"></script>',
        '<script type="module" src="../static/garden.js" onload="x"></script>',
        '<script type="module" src="../static/garden.js">x</script>',
        '<script type="module" src="../static/garden.js"></script>' * 2,
        '<p style="color:red">a</p>',
        '<a href="javascript:x">a</a>',
        '<a href="java\tscript:x">a</a>',
        '<a href=" javascript:x">a</a>',
        '<a href="data:text/html,x">a</a>',
        '<a href="//evil.example">a</a>',
        r'<a href="/\evil.example">a</a>',
        r'<a href="\\evil.example">a</a>',
        '<a href="///evil.example">a</a>',
        '<a href="x" ping="https://evil.example">a</a>',
        '<a href="x" target="_top">a</a>',
        '<img src="https://evil.example/x" alt="">',
        '<img src="x">',
        '<img src="x" srcset="y 1x, https://evil.example/x 2x" alt="">',
        '<video src="https://evil.example/x"></video>',
        '<video src="x" autoplay></video>',
        '<svg><script href="x"/></svg>',
        '<svg><a xlink:href="javascript:x"><rect/></a></svg>',
        '<svg><a href="javascript:x"><rect/></a></svg>',
        '<svg><use href="../x.svg#a"/></svg>',
        '<svg><use href="data:image/svg+xml,x#a"/></svg>',
        '<svg><image href="https://evil.example/x"/></svg>',
        '<svg><rect fill="url(https://evil.example/x)"/></svg>',
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        '<svg><animate attributeName="href"/></svg>',
        '<math><mi href="x">a</mi></math>',
        '<math><mi style="x">a</mi></math>',
        '<math><maction actiontype="statusline">a</maction></math>',
        '<math><annotation-xml encoding="text/html"><b>x</b></annotation-xml></math>',
        '<math><mspace width="url(x)"/></math>',
        "<iframe src=x></iframe>",
        "<object data=x></object>",
        "<form action=x></form>",
        '<input type="text">',
        "<input>",
        "<button>a</button>",
        "<style>p{}</style>",
        "<base href=x>",
        "<template><p>a</p></template>",
        "<!-- a -->",
        '<meta http-equiv="refresh" content="0; url=https://evil.example/">',
        '<meta http-equiv="set-cookie" content="a">',
        '<link rel="stylesheet" href="https://evil.example/x">',
        '<link rel="prefetch" href="x">',
        '<link rel="dns-prefetch canonical" href="https://evil.example/">',
        '<p class="a&quot;b">x</p>',
        "<x-y>a</x-y>",
    ],
)
def test_what_could_act_or_ask_is_found(html: str) -> None:
    assert find_forbidden(html) != []
    assert (
        find_forbidden(f"<!doctype html><html><head><title>a</title></head><body>{html}</body></html>") != []
    )


@pytest.mark.parametrize(
    "html",
    [
        '<p dir="auto">a <a href="https://a.example/" rel="nofollow ugc">b</a> <a href="geo:1,2">c</a></p>',
        '<a class="picture" href="../media/a.webp"><img src="../a.webp" alt="" width="1"></a>',
        '<math alttext="x"><mrow><mi>x</mi><mo stretchy="false">(</mo></mrow></math>',
        '<svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 0"/></svg>',
        '<label class="spoiler"><input type="checkbox"><span>a</span></label>',
        '<video controls preload="none" src="a.mp4" poster="a.webp"></video>',
        "<details><summary>a</summary><p>b</p></details>",
        '<table><tbody><tr><td class="to-left">a</td></tr></tbody></table>',
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>a</title>'
            '<link rel="canonical" href="https://fen.example/"><link rel="stylesheet" href="a.css"></head>'
            "<body><main><h1>a</h1></main></body></html>"
        ),
        (
            "<!doctype html><html><head><title>a</title></head><body><main><h1>a</h1></main>"
            '<script type="module" src="../static/garden.js" data-copy="Copy"></script></body></html>'
        ),
    ],
)
def test_what_a_garden_is_made_of_is_allowed(html: str) -> None:
    assert find_forbidden(html) == []


def test_a_fragment_brings_no_script_not_even_the_theme_s_own() -> None:
    assert find_forbidden('<p>a</p><script type="module" src="../static/garden.js"></script>') == [
        "1 scripts"
    ]


def test_in_feeds_the_garden_s_own_media_are_written_in_full() -> None:
    html = '<img src="https://fen.example/garden/media/a.webp" alt="">'
    assert find_forbidden(html, "https://fen.example/garden/") == []
    assert find_forbidden(html, "https://marsh.example/") != []
