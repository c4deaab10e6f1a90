"""Write a `.gz` sibling of every built asset that gets smaller by it: `tools/compress.py DIRECTORY`."""

import gzip
import sys
from pathlib import Path

SUFFIXES = frozenset({".css", ".js", ".svg", ".json"})


def compress(directory: Path) -> None:
    """Compress the assets below a directory; `index.html` is not, for servers write their prefix into it."""
    for path in sorted(directory.rglob("*")):
        if path.suffix in SUFFIXES:
            content = path.read_bytes()
            packed = gzip.compress(content, compresslevel=9, mtime=0)
            if len(packed) < len(content):
                path.with_name(f"{path.name}.gz").write_bytes(packed)


if __name__ == "__main__":
    compress(Path(sys.argv[1]))
