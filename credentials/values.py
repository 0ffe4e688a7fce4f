"""How JSON-LD documents write single values, sets and URLs."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from credentials.errors import MalformedCredentialError
from resolver.strict_json import Json

MAX_VALUES = 1000
"""Values of one member of a document; the longest that we know has some dozens."""
_SETS = (
    "@context", "type", "name", "description", "credentialSubject", "credentialStatus",
    "credentialSchema", "evidence", "refreshService", "termsOfUse", "relatedResource", "proof",
    "verifiableCredential", "aud",
)  # fmt: skip
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f<>\"{}|\\^`]+")


def entries(value: Json) -> Sequence[tuple[str, Json]]:
    """Return what a member holds, one value or an array of them, with each one's pointer."""
    if isinstance(value, list):
        return [(f"/{n}", item) for n, item in enumerate(value)]
    return (("", value),)


def refuse_overfull(body: Mapping[str, Json], pointer: str = "") -> None:
    """Refuse a document with more values than are looked at one by one.

    Raises:
        MalformedCredentialError: a member that is read has more than `MAX_VALUES`.
    """
    for name in _SETS:
        value = body.get(name)
        if isinstance(value, list) and len(value) > MAX_VALUES:
            message = f"{len(value)} values, at most {MAX_VALUES} are read"
            raise MalformedCredentialError(message, f"{pointer}/{name}")
    for name in ("issuer", "holder"):
        if isinstance(inner := body.get(name), dict):
            refuse_overfull(inner, f"{pointer}/{name}")


def is_url(value: Json) -> TypeGuard[str]:
    """Whether a value is one URL, such as an identifier must be (VCDM 2.0 section 4.4)."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None
