"""A log's key in a token or HSM (PKCS#11): it signs there, and is never seen here."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self, cast
from urllib.parse import unquote

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, UserAlreadyLoggedIn
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_named_curve_parameters

from resolver.instant import Instant
from trust_registry.log.errors import InvalidKeyTextError, KeyUnavailableError, UntrustedNoteError
from trust_registry.log.keys import KeyKind, VerifierKey
from trust_registry.log.notes import NoteSignature, is_key_name

_ED25519 = "1.3.101.112"
_RAW = 32
_TEST = "a test of the log's key\n"
_PATH = frozenset({"token", "object"})
_QUERY = frozenset({"module-path", "pin-source"})


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Where a key is.

    Attributes:
        module: the path of the library that speaks to the token.
        token: its label.
        label: the key's, of both halves.
        pin_source: the path of a file that holds the user's PIN.
    """

    module: str
    token: str
    label: str
    pin_source: str

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read `pkcs11:token=…;object=…?module-path=…&pin-source=…` (RFC 7512 2.3).

        Raises:
            InvalidKeyTextError: it is none, lacks one of the four, or has any other attribute.
        """
        scheme, _, rest = uri.partition(":")
        path, _, query = rest.partition("?")
        found = [each.partition("=") for each in (*path.split(";"), *query.split("&"))]
        given = {name: unquote(value) for name, _, value in found}
        names = {name for name, _, _ in found[: path.count(";") + 1]}
        if scheme != "pkcs11" or names != _PATH or given.keys() != _PATH | _QUERY:
            text = "an address has the form pkcs11:token=…;object=…?module-path=…&pin-source=…"
            raise InvalidKeyTextError(text)
        if len(found) > len(given) or not all(given.values()):
            raise InvalidKeyTextError("each attribute of a token's address is given once")
        pin = given["pin-source"].removeprefix("file:").removeprefix("//")
        return cls(given["module-path"], given["token"], given["object"], pin)


class TokenKey:
    """An Ed25519 key in a token. Every method blocks.

    Args:
        name: the log's.
        address: where the key is.
        pin: of the token's user.

    Raises:
        InvalidKeyTextError: a log cannot have this name, or the key is not of the kind Ed25519.
        KeyUnavailableError: there is no such token or key, or it does not sign.
    """

    def __init__(self, name: str, address: TokenAddress, pin: str) -> None:
        self._address = address
        self._pin = pin
        self._session: pkcs11.Session | None = None
        raw = self._try(self._public)
        if len(raw) != _RAW or not is_key_name(name):
            raise InvalidKeyTextError("the token's key is not of the kind Ed25519")
        self.public = VerifierKey(name, KeyKind.ED25519, raw)
        try:
            self.public.verify(_TEST, self.sign(_TEST, Instant(0)))
        except UntrustedNoteError:
            text = f"{address.label}: its two halves are not of one key"
            raise KeyUnavailableError(text) from None

    @classmethod
    def create(cls, name: str, address: TokenAddress, pin: str) -> Self:
        """Have the token make a key that never leaves it.

        Raises:
            InvalidKeyTextError: there is such a key already.
            KeyUnavailableError: the token cannot be used, or makes no such keys.
        """
        try:
            with _open(address, pin, rw=True) as session:
                label = {Attribute.LABEL: address.label}
                if any(True for _ in session.get_objects(label)):
                    raise InvalidKeyTextError(f"the token holds a key {address.label} already")
                curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(_ED25519)}
                session.create_domain_parameters(
                    KeyType.EC_EDWARDS, curve, local=True
                ).generate_keypair(
                    mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                    store=True,
                    label=address.label,
                    private_template={Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True},
                )
        except PKCS11Error as error:
            raise _unavailable(address, error) from None
        return cls(name, address, pin)

    def sign(self, text: str, at: Instant) -> NoteSignature:  # noqa: ARG002 - it dates nothing
        """Sign a checkpoint's text; this kind of key carries no time.

        Raises:
            KeyUnavailableError: the token does not sign now.
        """
        value = self._try(lambda session: self._signature(session, text))
        return NoteSignature(self.public.name, self.public.id, value)

    def _public(self, session: pkcs11.Session) -> bytes:
        key = session.get_key(ObjectClass.PUBLIC_KEY, KeyType.EC_EDWARDS, self._address.label)
        point = bytes(key[Attribute.EC_POINT])
        return point.removeprefix(bytes([0x04, _RAW])) if len(point) > _RAW else point

    def _signature(self, session: pkcs11.Session, text: str) -> bytes:
        key = session.get_key(ObjectClass.PRIVATE_KEY, KeyType.EC_EDWARDS, self._address.label)
        return bytes(cast("SignMixin", key).sign(text.encode(), mechanism=Mechanism.EDDSA))

    def _try(self, work: Callable[[pkcs11.Session], bytes]) -> bytes:
        """Do something in the session, once more in a new one: a token may have been away."""
        try:
            if self._session is not None:
                with suppress(PKCS11Error):
                    return work(self._session)
                with suppress(PKCS11Error):
                    self._session.close()
                self._session = None
            self._session = _open(self._address, self._pin)
            return work(self._session)
        except PKCS11Error as error:
            raise _unavailable(self._address, error) from None


def _open(address: TokenAddress, pin: str, *, rw: bool = False) -> pkcs11.Session:
    token = pkcs11.lib(address.module).get_token(token_label=address.token)
    try:
        return token.open(rw=rw, user_pin=pin)
    except UserAlreadyLoggedIn:  # by another session of this process, which counts for all
        return token.open(rw=rw)


def _unavailable(address: TokenAddress, error: PKCS11Error) -> KeyUnavailableError:
    why = str(error) or type(error).__name__
    return KeyUnavailableError(f"{address.label} in the token {address.token}: {why}")
