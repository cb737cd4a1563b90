"""Foreign HTML and SVG keep their text and lose everything that runs, fetches, styles or impersonates."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from toolkit.reporting.allowed import SVG_ELEMENTS, TAGS
from toolkit.reporting.sanitise import clean_html, clean_svg, order_headings

PIXEL = "data:image/png;base64,iVBORw0KGgo="
HOSTILE_HTML = [
    "<script>alert(1)</script>text",
    "<img src=x onerror=alert(1)>text",
    "<svg onload=alert(1)>text</svg>",
    "<svg><script>alert(1)</script></svg>text",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>text",
    "<a href='javascript:alert(1)'>text</a>",
    "<a href='java&#10;script:alert(1)'>text</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>text</a>",
    "<iframe src='https://evil.example'></iframe>text",
    "<object data='x'></object><embed src='x'>text",
    "<form action='https://evil.example'><input name=a autofocus onfocus=alert(1)><button>text</button></form>",
    "<style>body{display:none}</style><p style='background:url(https://evil.example)'>text</p>",
    "<link rel=stylesheet href='https://evil.example/x.css'>text",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>text",
    "<base href='https://evil.example/'>text",
    "<img src='https://evil.example/pixel.png' alt='text'>text",
    "<img src='data:image/svg+xml;base64,PHN2Zz4=' alt=x>text",
    "<details open ontoggle=alert(1)>text</details>",
    "<p id=content class='chip tone-healthy' data-estimate=x>text</p>",
    "<data value=1 data-estimate='x/stream/all' data-field=value>text</data>",
    "<video src=x onerror=alert(1)><audio src=x></audio></video>text",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>text",
    "<template><img src=x onerror=alert(1)></template>text",
    "<!--><img src=x onerror=alert(1)>-->text",
    "<p title='<h1 onclick=alert(1)>'>text</p>",
    "<table background='https://evil.example'><tr><th scope=col>text",
    "<</p>script>alert(1)<</p>/script>text",
    "<plaintext>text",
]


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_hostile_html(html: str) -> None:
    """Only listed tags; no handler, class, id, style or foreign address; the text stays."""
    seen = Seen(clean_html(html))
    assert set(seen.tags) <= TAGS
    ours = {("div", "class"), ("div", "role"), ("div", "aria-label"), ("div", "tabindex")}
    for tag, name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in ("style", "id")
        assert (tag, name) in ours or name not in ("class", "data-estimate")
        if name == "href":
            assert not re.match(r"\s*(javascript|data|vbscript)", value, re.IGNORECASE)
        if name == "src":
            assert value.startswith("data:image/png")
    assert "text" in seen.text
    assert "alert(1)" not in seen.text or "script" not in seen.tags


def test_what_analysts_write_stays() -> None:
    """Headings, lists, links, tables, code and pictures that carry their data."""
    html = clean_html(
        f"<h2>Title</h2><ul><li><b>a</b> <code>b</code></li></ul><a href='https://example.org/x?y=1'>l</a>"
        f"<a href='other.ipynb'>o</a><img alt='seen' src='{PIXEL}'>"
    )
    for kept in ("<h2>Title</h2>", "<b>a</b>", "<code>b</code>", 'href="https://example.org/x?y=1"', PIXEL):
        assert kept in html
    assert 'href="other.ipynb"' in html


def test_tables_get_scopes_and_a_frame() -> None:
    """Header cells of head and body are told apart, a scope that is there is kept, wide tables scroll."""
    html = clean_html(
        "<table><thead><tr><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>1</td></tr></tbody></table>"
        "<table><tr><th scope='rowgroup'>x</th></tr></table>"
    )
    assert html.count('<th scope="col">') == 2
    assert html.count('<th scope="row">') == 1
    assert html.count('scope="rowgroup"') == 1
    assert html.count('class="scroll"') == html.count("</table></div>") == 2


def test_headings_start_below_the_title_and_skip_nothing() -> None:
    """h1 becomes h2, a jump is closed, closing tags follow, headings in attributes are let alone."""
    html = order_headings('<h1>a</h1><h4>b</h4><h6 title="<h1>">c</h6><h2>d</h2><h3>e</h3><hr>')
    assert re.findall(r"<h(\d)", html.replace('title="<h1>"', "")) == [
        "2",
        "3",
        "4",
        "2",
        "3",
    ]
    assert re.findall(r"</h(\d)", html) == ["2", "3", "4", "2", "3"]
    assert "<hr>" in html


NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<style>*{display:none}</style>",
        "<image href='https://evil.example/x.png'/>",
        "<image xlink:href='data:image/svg+xml;base64,PHN2Zz4='/>",
        "<use href='https://evil.example/x.svg#a'/>",
        "<rect onload='alert(1)' width='1'/>",
        "<rect style='fill:url(https://evil.example)'/>",
        "<rect fill='url(https://evil.example)'/>",
        "<rect style='fill:red;background-image:url(x)'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<text><![CDATA[</text><script>alert(1)</script>]]></text>",
        "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>",
        "<g id='\"><script>alert(1)</script>'/>".replace("<script>", "&lt;script&gt;").replace("</script>", ""),
        "<metadata><x:y xmlns:x='urn:x'>z</x:y></metadata>",
    ],
)
def test_hostile_svg(inside: str) -> None:
    """Written anew from the allow-list: nothing runs, fetches or styles beyond the drawing."""
    cleaned = clean_svg(f"<svg {NS}><rect width='3' height='2' fill='red'/>{inside}</svg>", "p-")
    assert cleaned is not None
    seen = Seen(cleaned)
    assert set(seen.tags) <= {name.lower() for name in SVG_ELEMENTS}
    assert "evil" not in cleaned
    assert "<script" not in cleaned
    assert not any(name.startswith("on") for _, name, _ in seen.attributes)
    assert 'fill="red"' in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "<svg",
        "<html></html>",
        "",
        "<!DOCTYPE svg [<!ENTITY a 'aaaa'>]><svg xmlns='http://www.w3.org/2000/svg'><text>&a;</text></svg>",
        "<!DOCTYPE x><!DOCTYPE y [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><svg>&b;</svg>",
    ],
)
def test_what_is_no_svg_or_declares_entities_is_refused(text: str) -> None:
    """Refused as a whole; the caller says so."""
    assert clean_svg(text) is None


def test_ids_and_their_references_get_the_prefix() -> None:
    """Two drawings with the same ids can stand on one page, and clip paths still work."""
    text = (
        f"<svg {NS}><defs><clipPath id='c'><rect width='1' height='1'/></clipPath><path id='m' d='M0 0L1 1z'/></defs>"
        "<g clip-path='url(#c)'><use xlink:href='#m' x='1' style='fill: var(--ink); clip-path: url(#c)'/></g></svg>"
    )
    cleaned = clean_svg(text, "c1-")
    assert cleaned is not None
    assert re.findall(r'\bid="([^"]+)"', cleaned) == ["c1-c", "c1-m"]
    assert cleaned.count("url(#c1-c)") == 2
    assert 'href="#c1-m"' in cleaned
    assert "var(--ink)" in cleaned
