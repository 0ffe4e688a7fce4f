"""What the settings say of the log: its key and the policy of its witnesses."""

from pathlib import Path

from touchstone.service.errors import SettingsError
from touchstone.service.secret_files import read_secret
from touchstone.service.settings import Settings
from trust_registry.log.errors import InvalidKeyTextError, InvalidPolicyError
from trust_registry.log.keys import LogKey, SigningKey, read_signing_keys
from trust_registry.log.policies import Policy
from trust_registry.log.publisher import LOG_KINDS, log_origin


def log_keys(settings: Settings) -> tuple[LogKey, ...]:
    """Read the log's keys, or open them where they are kept; none where none is set. It blocks.

    Raises:
        SettingsError: they are set twice, cannot be read, or are not this log's.
        KeyUnavailableError: the token does not sign.
    """
    if settings.log_key is not None and settings.log_key_file is not None:
        raise SettingsError("TOUCHSTONE_LOG_KEY and TOUCHSTONE_LOG_KEY_FILE are both set")
    name = log_origin(settings.audience)
    keys: list[LogKey] = []
    if settings.log_pkcs11 is not None:
        keys.append(token_key(name, settings.log_pkcs11))
    if settings.log_key is not None:
        keys += _read(settings.log_key.get_secret_value(), name, "TOUCHSTONE_LOG_KEY")
    elif settings.log_key_file is not None:
        file = settings.log_key_file
        keys += _read(read_secret(file), name, str(file))
    return tuple(sorted(keys, key=lambda key: key.public.kind))


def _read(text: str, name: str, where: str) -> tuple[SigningKey, ...]:
    try:
        return read_signing_keys(text, name, LOG_KINDS)
    except InvalidKeyTextError as error:
        raise SettingsError(f"{where}: {error}") from None


def token_key(name: str, address: str, *, create: bool = False) -> LogKey:
    """Open a key in a token (PKCS#11), or have the token make it. It blocks.

    Args:
        name: the log's.
        address: where it is (RFC 7512); see `TokenAddress.parse`.
        create: whether to make it.

    Raises:
        SettingsError: the address is none, the PIN cannot be read, or PKCS#11 is not installed.
        KeyUnavailableError: the token does not sign.
    """
    try:
        from trust_registry.log.tokens import TokenAddress, TokenKey  # noqa: PLC0415 - optional
    except ImportError:
        text = "keys in a token need python-pkcs11: pip install touchstone-registry[pkcs11]"
        raise SettingsError(text) from None
    try:
        where = TokenAddress.parse(address)
        pin = read_secret(Path(where.pin_source)).strip()
        return TokenKey.create(name, where, pin) if create else TokenKey(name, where, pin)
    except InvalidKeyTextError as error:
        raise SettingsError(str(error)) from None


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
