"""Files that are either as they were or as they shall be, whatever happens in between."""

import os
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Put a file in its place at once and whole, on the disk when this returns. It blocks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
