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
        jws: the act, byte for byte: a flattened JWS of `payload`, `protected` and `signature`.
        recorded_at: when the journal took it down.
        signer: who signed it.
    """

    jws: Mapping[str, str]
    recorded_at: Instant
    signer: Signer
    _data: bytes = field(default=b"", init=False, compare=False, repr=False)

    def to_bytes(self) -> bytes:
        """Write the entry in its final bytes (RFC 8785), once.

        Raises:
            ActRefusedError: they would be more than `MAX_ENTRY`.
        """
        if not self._data:
            object.__setattr__(self, "_data", self._written())
        return self._data

    def _written(self) -> bytes:
        data = canonicalise(
            {
                "act": dict(self.jws),
                "recorded_at": format_instant(self.recorded_at),
                "signer": {
                    "method": str(self.signer.method),
                    "public_key": self.signer.key.multikey,
                    "resolution": self.signer.resolution,
                },
            }
        )
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
            entry = _members(value, {"act", "recorded_at", "signer"})
            signer = _strings(entry["signer"], {"method", "public_key", "resolution"})
            read = cls(
                _strings(entry["act"], JWS_MEMBERS),
                parse_instant(_string(entry["recorded_at"])),
                Signer(
                    DidUrl.parse(signer["method"]),
                    PublicKey.from_multikey(signer["public_key"]),
                    signer["resolution"],
                ),
            )
            canonical = read.to_bytes()
        except (ResolverError, ValueError, ActRefusedError) as error:
            raise CorruptJournalError(index, str(error)) from None
        if canonical != data:
            raise CorruptJournalError(index, "not in its canonical form")
        return read


def _members(value: Json, names: set[str] | frozenset[str]) -> dict[str, Json]:
    if not isinstance(value, dict) or value.keys() != names:
        raise ValueError(f"its members are not exactly {', '.join(sorted(names))}")
    return value


def _strings(value: Json, names: set[str] | frozenset[str]) -> dict[str, str]:
    return {name: _string(text) for name, text in _members(value, names).items()}


def _string(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError("a member is not a string")  # noqa: TRY004  # read with the others
    return value
