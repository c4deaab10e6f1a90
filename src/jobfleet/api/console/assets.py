"""The built files of the console, read once when a server starts."""

import mimetypes
from pathlib import Path

import msgspec

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Jobfleet</title></head>
<body>
<h1>The console is not built</h1>
<p>This server runs from a source tree without the console's files. Run <code>make console</code> there and start
the server again. The API is here: <a href="openapi/native">openapi/native</a>.</p>
</body>
</html>
"""


class Asset(msgspec.Struct, frozen=True):
    """Hold a file: its content, the same compressed (empty when that is no smaller), and its media type."""

    content: bytes
    packed: bytes
    media_type: str


class Console(msgspec.Struct, frozen=True):
    """Hold the console: `page` is index.html with the prefix written in, `assets` the hashed files by name.

    `others` are further files beside index.html, by name. `prefix` is the path under which browsers reach us,
    `frame_ancestors` says who may show a page in a frame.
    """

    page: bytes
    assets: dict[str, Asset]
    others: dict[str, Asset]
    prefix: str
    frame_ancestors: str


def load(*, prefix: str = "", frame_ancestors: tuple[str, ...] = (), directory: Path = STATIC) -> Console:
    """Return the console as it is built; without built files its page says how to build them.

    Args:
        prefix: The path under which browsers reach us, such as `/job`; "" for the root.
        frame_ancestors: Origins whose pages may show ours in frames, besides our own.
        directory: Where the built files are.
    """
    ancestors = " ".join(["'self'", *frame_ancestors])
    if not (directory / PAGE).is_file():
        return Console(_MISSING.encode(), {}, {}, prefix, ancestors)
    page = (directory / PAGE).read_text(encoding="utf-8").replace('="./', f'="{prefix}/')
    inner = directory / "assets"
    others = {path.name: _asset(path) for path in _plain(directory) if path.name != PAGE}
    assets = {path.name: _asset(path) for path in _plain(inner)}
    return Console(page.encode(), assets, others, prefix, ancestors)


def _plain(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if path.is_file() and path.suffix != ".gz"]


def _asset(path: Path) -> Asset:
    packed = path.with_name(f"{path.name}.gz")
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(path.read_bytes(), packed.read_bytes() if packed.is_file() else b"", kind)
