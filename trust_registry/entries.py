"""Entries: what the journal keeps of an act, in the bytes that are hashed and never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from resolver.did import DidUrl
from resolver.errors import ResolverError
from resolver.instant import Instant, format_instant, parse_instant
from resolver.jcs import canonicalise
from resolver.keys import PublicKey
from resolver.strict_json import Json, parse_json
from trust_registry.errors import ActRefusedError, CorruptJournalError, Refusal
from trust_registry.merkle import leaf_hash

MAX_ENTRY = 65_535
"""Bytes: what an entry bundle of a tiled log can hold (C2SP tlog-tiles)."""

JWS_MEMBERS = frozenset({"payload", "protected", "signature"})


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as it was found when the act was taken.

    Attributes:
        method: the verification method.
        key: its public key.
        resolution: SHA-256 of the DID document's canonical bytes, in hex.
    """

    method: DidUrl
    key: PublicKey
    resolution: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the journal.

    Attributes:
        jws: the act, byte for byte: a flattened JWS, or a general one where several signed.
        recorded_at: when the journal took it down.
        signer: who signed it.
        cosigners: who else did, in the order of their signatures.
    """

    jws: Mapping[str, Json]
    recorded_at: Instant
    signer: Signer
    cosigners: tuple[Signer, ...] = ()
    _data: bytes = field(default=b"", init=False, compare=False, repr=False)
    _leaf: bytes = field(default=b"", init=False, compare=False, repr=False)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Everybody who signed."""
        return (self.signer, *self.cosigners)

    @property
    def leaf(self) -> bytes:
        """The hash of its final bytes, as a leaf of the journal's tree (RFC 6962 2.1).

        Raises:
            ActRefusedError: they would be more than `MAX_ENTRY`.
        """
        self.to_bytes()
        return self._leaf

    def to_bytes(self) -> bytes:
        """Write the entry in its final bytes (RFC 8785), and hash them, once.

        Raises:
            ActRefusedError: they would be more than `MAX_ENTRY`.
        """
        if not self._data:
            data = self._written()
            object.__setattr__(self, "_data", data)
            object.__setattr__(self, "_leaf", leaf_hash(data))
        return self._data

    def _written(self) -> bytes:
        members: dict[str, Json] = {
            "act": dict(self.jws),
            "recorded_at": format_instant(self.recorded_at),
            "signer": _written(self.signer),
        }
        if self.cosigners:
            members["cosigners"] = [_written(each) for each in self.cosigners]
        data = canonicalise(members)
        if len(data) > MAX_ENTRY:
            raise ActRefusedError(Refusal.TOO_LARGE, f"an entry has at most {MAX_ENTRY} bytes")
        return data

    @classmethod
    def from_bytes(cls, data: bytes, index: int) -> Self:
        """Read an entry.

        Args:
            data: its bytes.
            index: where it stands, for the error.

        Raises:
            CorruptJournalError: not the canonical bytes of an entry.
        """
        try:
            value = parse_json(data, max_bytes=MAX_ENTRY, max_depth=4)
            entry = _members(value, {"act", "recorded_at", "signer"}, {"cosigners"})
            read = cls(
                _act(entry["act"]),
                parse_instant(_string(entry["recorded_at"])),
                _signer(entry["signer"]),
                tuple(_signer(each) for each in _list(entry.get("cosigners", []))),
            )
            canonical = read.to_bytes()
        except (ResolverError, ValueError, ActRefusedError) as error:
            raise CorruptJournalError(index, str(error)) from None
        if canonical != data:
            raise CorruptJournalError(index, "not in its canonical form")
        return read


def _written(signer: Signer) -> Json:
    return {
        "method": str(signer.method),
        "public_key": signer.key.multikey,
        "resolution": signer.resolution,
    }


def _signer(value: Json) -> Signer:
    signer = _strings(value, {"method", "public_key", "resolution"})
    return Signer(
        DidUrl.parse(signer["method"]),
        PublicKey.from_multikey(signer["public_key"]),
        signer["resolution"],
    )


def _act(value: Json) -> dict[str, Json]:
    """Read a JWS; what it holds is read by `opening.open_entry`."""
    if isinstance(value, dict) and "signatures" in value:
        return _members(value, {"payload", "signatures"})
    return {**_strings(value, JWS_MEMBERS)}


def _members(
    value: Json, names: set[str] | frozenset[str], optional: frozenset[str] | set[str] = frozenset()
) -> dict[str, Json]:
    if not isinstance(value, dict) or not names <= value.keys() <= names | optional:
        raise ValueError(f"its members are not exactly {', '.join(sorted(names))}")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError("a member is not a list")  # noqa: TRY004  # read with the others
    return value


def _strings(value: Json, names: set[str] | frozenset[str]) -> dict[str, str]:
    return {name: _string(text) for name, text in _members(value, names).items()}


def _string(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError("a member is not a string")  # noqa: TRY004  # read with the others
    return value
