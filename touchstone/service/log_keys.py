"""What the settings say of the log: its key and the policy of its witnesses."""

import stat
from pathlib import Path

from touchstone.service.errors import SettingsError
from touchstone.service.settings import Settings
from trust_registry.log.errors import InvalidKeyTextError, InvalidPolicyError
from trust_registry.log.keys import SigningKey, read_signing_keys
from trust_registry.log.policies import Policy
from trust_registry.log.publisher import LOG_KINDS, log_origin

_MAX_KEYS = 65_536


def log_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """Read the log's keys; none where none is set. It blocks.

    Raises:
        SettingsError: they are set twice, cannot be read, or are not this log's.
    """
    if settings.log_key is not None and settings.log_key_file is not None:
        raise SettingsError("TOUCHSTONE_LOG_KEY and TOUCHSTONE_LOG_KEY_FILE are both set")
    if settings.log_key is not None:
        text, where = settings.log_key.get_secret_value(), "TOUCHSTONE_LOG_KEY"
    elif settings.log_key_file is not None:
        text, where = read_secret(settings.log_key_file), str(settings.log_key_file)
    else:
        return ()
    try:
        keys = read_signing_keys(text, log_origin(settings.audience), LOG_KINDS)
    except InvalidKeyTextError as error:
        raise SettingsError(f"{where}: {error}") from None
    return tuple(sorted(keys, key=lambda key: key.public.kind))


def read_secret(file: Path) -> str:
    """Read a file of keys that not everybody may read. It blocks.

    Raises:
        SettingsError: everybody may, or it cannot be read.
    """
    try:
        if file.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(f"{file}: everybody may read the key; take that right away")
        with file.open("rb") as opened:
            return opened.read(_MAX_KEYS).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None


def log_policy(settings: Settings) -> Policy | None:
    """Read the policy of the log's witnesses; None where none is set. It blocks.

    Raises:
        SettingsError: it is none, or cannot be read.
    """
    return None if settings.log_policy is None else read_policy(settings.log_policy)


def read_policy(file: Path) -> Policy:
    """Read a witness policy (C2SP tlog-policy). It blocks.

    Raises:
        SettingsError: it is none, or cannot be read.
    """
    try:
        return Policy.parse(file.read_bytes())
    except (OSError, InvalidPolicyError) as error:
        raise SettingsError(f"{file}: {error}") from None
