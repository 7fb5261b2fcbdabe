"""A lesson's Markdown as HTML: raw HTML switched off, figures drawn into the page.

Pure: takes texts, gives texts. A figure is an SVG file that a lesson names as an image,
`![what it shows](name)`; it is put into the page itself so that it takes the page's text colour
and size, and so that a screen reader can read its title and description. It may draw, and nothing
else: no scripts, no links out, no style sheet.
"""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from markdown_it.token import Token

SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = {"path", "line", "rect", "circle", "ellipse", "polyline", "polygon", "text", "tspan"}
_ELEMENTS = _SHAPES | {"svg", "g", "title", "desc", "defs", "marker"}


class DrawingRefused(ValueError):
    """The SVG does more than draw, or says nothing to a screen reader."""


def html_of(markdown: str, figure: Callable[[str], str]) -> str:
    r"""HTML of a lesson; `figure` gives the drawing of a name (and may raise).

    >>> html_of("One **word** and <b>no HTML</b>.", figure=str)
    '<p>One <strong>word</strong> and &lt;b&gt;no HTML&lt;/b&gt;.</p>\n'
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for token in tokens:
        _set_classes(token)
    parser.add_render_rule("image", _image_with(figure))
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return str(parser.renderer.render(_figures_alone(tokens), parser.options, {}))


def _set_classes(token: Token) -> None:
    if token.type == "blockquote_open":
        token.attrSet("class", "worked")
    elif token.type == "th_open":
        token.attrSet("scope", "col")
    style = token.attrs.pop("style", None)  # the page's policy allows no style attributes
    if style:
        token.attrSet("class", f"to-{str(style).rsplit(':', 1)[-1]}")


def _figures_alone(tokens: list[Token]) -> list[Token]:
    # A figure must not stand inside a paragraph: unwrap those that hold one image and no more.
    kept: list[Token] = []
    alone = {
        place
        for place, token in enumerate(tokens)
        if token.type == "inline" and [c.type for c in token.children or []] == ["image"]
    }
    for place, token in enumerate(tokens):
        if not (place + 1 in alone or place - 1 in alone):
            kept.append(token)
    return kept


def _image_with(figure: Callable[[str], str]) -> Callable[..., str]:
    def image(_self: Any, tokens: list[Token], place: int, _options: Any, _env: Any) -> str:
        token = tokens[place]
        caption = "".join(child.content for child in token.children or [])
        drawing = figure(str(token.attrs["src"]))
        # On a phone the drawing keeps a size at which its words can be read, and scrolls.
        frame = f'<div class="figure-scroll" tabindex="0">{drawing}</div>'
        return f"<figure>{frame}<figcaption>{_escaped(caption)}</figcaption></figure>\n"

    return image


def _table_open(*_: Any) -> str:
    # A wide table scrolls in its own frame; a frame that scrolls must be reachable by keyboard.
    return '<div class="table-scroll" tabindex="0"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def drawing(svg: str, name: str) -> str:
    """The SVG for use inside a page, with its title and description as its accessible name.

    Raises DrawingRefused where it is no SVG, has no title, or holds anything but shapes and text.
    """
    if "<!" in svg.replace("<!--", ""):
        raise DrawingRefused("it has a document type")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - declarations are refused above
    except ET.ParseError as error:
        raise DrawingRefused(str(error)) from error
    for node in root.iter():
        _only_draws(node)
    title = root.find(f"{SVG}title")
    if root.tag != f"{SVG}svg" or title is None or not (title.text or "").strip():
        raise DrawingRefused("it has no <title> that says what it shows")
    ids = [f"{name}-title"]
    title.set("id", ids[0])
    if (description := root.find(f"{SVG}desc")) is not None:
        ids.append(f"{name}-desc")
        description.set("id", ids[1])
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(ids))
    ET.register_namespace("", SVG.strip("{}"))
    return ET.tostring(root, encoding="unicode")


def _only_draws(node: ET.Element) -> None:
    element = node.tag.removeprefix(SVG)
    if element not in _ELEMENTS:
        raise DrawingRefused(f"<{element}> is not allowed")
    for attribute, value in node.attrib.items():
        away = "url(" in value and not value.startswith("url(#")
        if attribute.startswith("on") or "href" in attribute or attribute == "style" or away:
            raise DrawingRefused(f"the attribute {attribute} of <{element}> is not allowed")
