"""The parameters that govern a did:webvh log, and how entries change them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from resolver.errors import InvalidKeyError, InvalidLogError, UnsupportedKeyError
from resolver.keys import Curve, PublicKey
from resolver.strict_json import Json

METHOD = "did:webvh:1.0"
DEFAULT_TTL_S = 3600
MAX_ITEMS = 200
"""The longest list accepted: of keys, hashes, witnesses or watchers."""
MAX_TEXT = 2048
"""The longest string accepted in one, in characters."""

_MAX_TTL_S = 2**31
_Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who approves entries (did:webvh 1.0, The witness Parameter).

    Attributes:
        threshold: how many of them must.
        keys: their keys, as multikeys; each witness is the did:key of one.
    """

    threshold: int
    keys: tuple[str, ...]

    def json(self) -> dict[str, Json]:
        """As metadata shows it; the threshold is a string there."""
        return {
            "threshold": str(self.threshold),
            "witnesses": [{"id": f"did:key:{key}"} for key in self.keys],
        }


class Parameters(NamedTuple):
    """The parameters in force after an entry (did:webvh 1.0, DID Method Parameters).

    Attributes:
        scid: the hash of the first entry, which names the log.
        update_keys: multikeys of which one signs the next entry, without pre-rotation.
        next_key_hashes: hashes of the only keys that the next entry may name; if any, pre-rotation
            is active.
        witnesses: who approves entries; None where nobody need.
        watchers: where copies of the log are kept.
        portable: whether the log may move to another address.
        deactivated: whether the controller has ended the DID.
        ttl_s: seconds for which the log may be kept before it is read anew.
    """

    scid: str
    update_keys: tuple[str, ...] = ()
    next_key_hashes: tuple[str, ...] = ()
    witnesses: Witnesses | None = None
    watchers: tuple[str, ...] = ()
    portable: bool = False
    deactivated: bool = False
    ttl_s: int = DEFAULT_TTL_S


def first_parameters(raw: Mapping[str, Json], tolerated: frozenset[str]) -> Parameters:
    """Read the parameters of the first entry.

    Args:
        raw: as they stand in the entry.
        tolerated: foreign names that are passed over.

    Raises:
        InvalidLogError: an unknown name, a missing or malformed value, another method version.
    """
    if not {"method", "scid", "updateKeys"} <= raw.keys():
        raise InvalidLogError("the first parameters lack method, scid or updateKeys")
    scid = raw["scid"]
    if not isinstance(scid, str):
        raise InvalidLogError("scid is not a string")
    return Parameters(scid, **_read(raw, tolerated))  # type: ignore[arg-type]  # by name


def changed_parameters(
    active: Parameters, raw: Mapping[str, Json], tolerated: frozenset[str]
) -> Parameters:
    """Apply the parameters of a later entry; what it leaves out stays.

    Args:
        active: those in force before.
        raw: as they stand in the entry.
        tolerated: foreign names that are passed over.

    Raises:
        InvalidLogError: an unknown name, a malformed value, `scid` or `portable: true` after the
            first entry, or keys left out where pre-rotation is active.
    """
    if active.next_key_hashes and not {"updateKeys", "nextKeyHashes"} <= raw.keys():
        raise InvalidLogError("pre-rotation is active, but updateKeys or nextKeyHashes is left out")
    if not raw:
        return active
    if "scid" in raw:
        raise InvalidLogError("scid after the first entry")
    if raw.get("portable") is True:
        raise InvalidLogError("portable can only be set in the first entry")
    return active._replace(**_read(raw, tolerated))  # type: ignore[arg-type]  # by name


def _read(raw: Mapping[str, Json], tolerated: frozenset[str]) -> _Values:
    values: _Values = {}
    for name, value in raw.items():
        if name in _READERS:
            member, default, read = _READERS[name]
            # null is how early writers said "the default" (DID Method Parameters, note)
            values[member] = default if value is None else read(value, name)
        elif name == "method":
            if value != METHOD:
                raise InvalidLogError(f"the method is not {METHOD}")
        elif name != "scid" and name not in tolerated:
            raise InvalidLogError(f"unknown parameter {name[:40]!r}")
    return values


def _texts(value: Json, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise InvalidLogError(f"{name} is not a list of at most {MAX_ITEMS}")
    texts = [item for item in value if isinstance(item, str) and 0 < len(item) <= MAX_TEXT]
    if len(texts) != len(value):
        raise InvalidLogError(f"{name} holds something that is no string of a sane length")
    return tuple(texts)


def _flag(value: Json, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidLogError(f"{name} is neither true nor false")
    return value


def _seconds(value: Json, name: str) -> int:
    if type(value) is not int or not 0 <= value <= _MAX_TTL_S:
        raise InvalidLogError(f"{name} is no whole number from 0 to 2^31")
    return value


def _witnesses(value: Json, name: str) -> Witnesses | None:
    if value == {}:
        return None
    if not isinstance(value, dict) or value.keys() != {"threshold", "witnesses"}:
        raise InvalidLogError(f"{name} is neither empty nor a threshold with witnesses")
    listed, threshold = value["witnesses"], value["threshold"]
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_ITEMS:
        raise InvalidLogError(f"{name} lists no witnesses, or more than {MAX_ITEMS}")
    keys = tuple(_witness_key(item) for item in listed)
    if len(set(keys)) != len(keys):
        raise InvalidLogError("one witness is listed twice")
    if type(threshold) is not int or not 1 <= threshold <= len(keys):
        raise InvalidLogError("the threshold is no whole number from 1 to the count of witnesses")
    return Witnesses(threshold, keys)


def _witness_key(item: Json) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    if not isinstance(name, str) or not name.startswith("did:key:"):
        raise InvalidLogError("a witness is not a did:key")
    multikey = name.removeprefix("did:key:")
    try:
        curve = PublicKey.from_multikey(multikey).curve
    except (InvalidKeyError, UnsupportedKeyError) as error:
        raise InvalidLogError(f"a witness: {error}") from None
    if curve is not Curve.ED25519:
        raise InvalidLogError("a witness whose key is not on Ed25519")
    return multikey


_READERS: Mapping[str, tuple[str, object, Callable[[Json, str], object]]] = {
    "updateKeys": ("update_keys", (), _texts),
    "nextKeyHashes": ("next_key_hashes", (), _texts),
    "witness": ("witnesses", None, _witnesses),
    "watchers": ("watchers", (), _texts),
    "portable": ("portable", False, _flag),
    "deactivated": ("deactivated", False, _flag),
    "ttl": ("ttl_s", DEFAULT_TTL_S, _seconds),
}
