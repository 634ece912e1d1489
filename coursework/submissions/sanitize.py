"""Hostile text and HTML made harmless: whatever a page shows of a student passes through here."""

import base64
import html
import io
import re
import warnings

import nh3
from PIL import Image

from coursework.submissions.drawing import svg_uri

__all__ = ["TAGS", "clean_html", "clean_text", "image_uri", "is_safe_image", "is_safe_link"]

MAX_TEXT = 20_000
MAX_HTML = 1_000_000
MAX_MARKUP = 100_000  # without pictures: nested HTML takes time quadratic in its length
MAX_IMAGE = 2_000_000
MAX_PIXELS = 40_000_000

RASTER = ("PNG", "JPEG", "GIF", "WEBP")
_DATA_URI = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")
_SVG_URI = "data:image/svg+xml;base64,"

# Unlike `\s`, this lets no attribute of a tag pass for a picture.
_PICTURE = re.compile(r'src="data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+"')

_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Terminal sequences: CSI (colours, cursor), OSC (titles, links), and other short ones.
_TERMINAL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Marks that reorder the text around them, so that it reads as something else.
_REORDERING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

# Without headings: the page's outline is its own.
TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd del details dfn div dl dt em figcaption"
    " figure h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup"
    " table tbody td tfoot th thead tr tt u ul var wbr".split()
)
_DROPPED_WITH_CONTENT = frozenset(
    "script style template noscript iframe object embed applet svg math title textarea select"
    " option xmp noembed noframes plaintext head audio video canvas".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "col": {"span"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "span": {"data-math"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_SCHEMES = frozenset({"http", "https", "mailto", "data"})


def clean_text(text: object, limit: int = MAX_TEXT) -> str:
    """Return text without terminal sequences, control characters and reordering marks.

    Parameters
    ----------
    text : object
        Text, or the list of lines that notebooks may hold; anything else is shown as text.
    limit : int
        Characters that are kept.
    """
    if isinstance(text, list | tuple):
        text = "".join(str(line) for line in text)
    plain = str(text)
    rest = len(plain) - limit
    plain = _TERMINAL.sub("", plain[:limit]).replace("\r\n", "\n")
    # A carriage return overwrites its line, as in progress bars: the last state is kept.
    plain = re.sub(r"(?m)^.*\r(?=[^\r\n]*$)", "", plain)
    plain = _REORDERING.sub("\ufffd", _CONTROL.sub("", plain))
    return f"{plain}\n… {rest} more characters" if rest > 0 else plain


def clean_html(fragment: str) -> str:
    """Return HTML without scripts, handlers, styles, frames and remote resources.

    Ordinary links remain, and images given as `data:` (of an SVG, only what draws); names,
    classes and styles do not, so that nothing can pose as part of the page.
    """
    if len(fragment) > MAX_HTML or len(_PICTURE.sub("", fragment)) > MAX_MARKUP:
        return f"<pre>{html.escape(clean_text(fragment))}</pre>"
    return _CLEANER.clean(_REORDERING.sub("\ufffd", fragment))


def is_safe_image(uri: str) -> bool:
    """Whether this is a `data:` URI of a genuine raster image that is not too large."""
    found = _DATA_URI.fullmatch(uri)
    return found is not None and _is_raster(found[1])


def is_safe_link(uri: str) -> bool:
    """Whether a link leads out of the page or to a place in it, and does nothing else.

    A link without a host leads to a file that was submitted, or into Jupyter itself.
    """
    return bool(re.match(r"(?i)(https?://|mailto:|#)", uri))


def image_uri(mime: str, encoded: object) -> str | None:
    """Return the `data:` URI of a notebook's image, or None where it is not to be shown."""
    lines = encoded if isinstance(encoded, list | tuple) else [encoded]
    payload = re.sub(r"\s", "", "".join(map(str, lines)))
    uri = f"data:{mime};base64,{payload}"
    return uri if is_safe_image(uri) else None


def _is_raster(encoded: str) -> bool:
    if len(encoded) > MAX_IMAGE * 4 / 3:
        return False
    try:
        content = base64.b64decode(encoded, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # Reads the header only; the picture itself is never decoded here.
            with Image.open(io.BytesIO(content), formats=RASTER) as image:
                return image.width * image.height <= MAX_PIXELS
    except (OSError, ValueError, SyntaxError, *_BOMBS):
        return False


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        return _drawing(value) if value.startswith(_SVG_URI) else _raster(value)
    return None if attribute == "href" and not is_safe_link(value) else value


def _raster(uri: str) -> str | None:
    return uri if is_safe_image(uri) else None


def _drawing(uri: str) -> str | None:
    """Return an SVG as a picture again, with only what draws."""
    try:
        content = base64.b64decode(uri.removeprefix(_SVG_URI), validate=True)
        return svg_uri(content.decode())
    except ValueError:  # neither base64 nor UTF-8
        return None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(_DROPPED_WITH_CONTENT),
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    url_schemes=set(_SCHEMES),
    link_rel="noopener noreferrer nofollow",
)
