"""Files that are either as they were or as they shall be, whatever happens in between."""

import os
from pathlib import Path
from secrets import token_hex


def put(path: Path, data: bytes) -> None:
    """Put a file in its place at once and whole, on the disk when this returns. It blocks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{token_hex(8)}.new")  # others may put one at once
    try:
        with beside.open("xb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
