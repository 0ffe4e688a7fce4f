"""Files of secrets: keys and PINs that not everybody may read."""

import stat
from pathlib import Path

from touchstone.service.errors import SettingsError

_MAX_BYTES = 65_536


def read_secret(file: Path) -> str:
    """Read a file of keys that not everybody may read. It blocks.

    Raises:
        SettingsError: everybody may, or it cannot be read.
    """
    try:
        if file.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(f"{file}: everybody may read the key; take that right away")
        with file.open("rb") as opened:
            return opened.read(_MAX_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None
