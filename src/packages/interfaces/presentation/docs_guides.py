"""The guides, which are Markdown files, as pages."""

import re
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

PACKAGED = Path(__file__).with_name("guides")  # in the wheel
SOURCES = Path(__file__).parents[4] / "docs" / "guides"
NAME = re.compile(r"[a-z0-9-]{1,60}")
PICTURE = re.compile(r"[a-z0-9-]{1,60}\.png")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def guides() -> dict[str, str]:
    """Titles by name."""
    found = {
        path.stem: TITLE.search(path.read_text(encoding="utf-8")) for path in sorted(_folder().glob("*.md"))
    }
    return {name: title[1] for name, title in found.items() if title}


def guide(name: str) -> Markup | None:
    """As HTML; what is HTML in it already is shown as text."""
    if not NAME.fullmatch(name) or name not in guides():
        return None
    return _rendered((_folder() / f"{name}.md").read_text(encoding="utf-8"))


@cache
def _rendered(text: str) -> Markup:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        for inline in token.children or ():
            _point_at_pages(inline)
        if token.type == "table_open":
            token.attrSet("class", "table")
    html: str = reader.renderer.render(tokens, reader.options, {})
    scrolled = html.replace("<table", '<div class="scroll" tabindex="0"><table').replace(
        "</table>", "</table></div>"
    )
    scrolled = scrolled.replace("<pre>", '<pre tabindex="0">')
    return Markup(scrolled)  # noqa: S704  # nosec B704 - escaped by the renderer


def picture(name: str) -> Path | None:
    """Of a guide."""
    path = _folder() / "images" / name
    return path if PICTURE.fullmatch(name) and path.is_file() else None


def _point_at_pages(token: Token) -> None:
    """A link to another guide's file leads to its page, to a file that is no page, to nowhere; pictures are ours."""
    if token.type == "image":
        token.attrSet("src", f"/docs/images/{Path(str(token.attrGet('src'))).name}")
        return
    target = str(token.attrGet("href") or "")
    if token.type != "link_open" or target.startswith(("http:", "https:", "#", "/")):
        return
    file, _, anchor = target.partition("#")
    name = Path(file).stem
    is_guide = "/" not in file.removeprefix("./") and name in guides()
    if is_guide:
        token.attrSet("href", f"/docs/guides/{name}" + (f"#{anchor}" if anchor else ""))
    else:
        token.attrs.pop("href", None)


def _folder() -> Path:
    return PACKAGED if PACKAGED.is_dir() else SOURCES
