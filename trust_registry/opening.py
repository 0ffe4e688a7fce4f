"""Opening signed acts: from a JWS to a typed act whose signatures can be verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from resolver.did import Did, DidUrl
from resolver.errors import ResolverError
from resolver.keys import PublicKey
from resolver.proofs.jose import InvalidJwsError, Jws, parse_flattened, verify_jws
from resolver.proofs.signing_method import signing_method
from resolver.strict_json import Json, parse_json
from trust_registry.acts import ACT_TYPE, Act, act_id, parse_act
from trust_registry.documents import document_digest
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError, CorruptJournalError, Refusal

MAX_SIGNATURES = 16
"""How many may sign one act."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature over an act, and the verification method that its header names."""

    jws: Jws
    method: DidUrl

    @property
    def did(self) -> Did:
        """Who signed, if the signature is good."""
        return self.method.did


@dataclass(frozen=True, slots=True)
class SignedAct:
    """An act as it came, opened and not yet believed.

    Attributes:
        act: what it says.
        id: SHA-256 of its payload, in hex.
        signatures: that of whom `by` names, then those of others who sign the same act.
    """

    act: Act
    id: str
    signatures: tuple[Signature, ...]

    @property
    def method(self) -> DidUrl:
        """The verification method of whom `by` names."""
        return self.signatures[0].method

    @property
    def cosigned(self) -> tuple[Signature, ...]:
        """The signatures of others."""
        return self.signatures[1:]

    @property
    def payload(self) -> bytes:
        """Its canonical bytes."""
        return self.signatures[0].jws.payload

    @property
    def framework_digest(self) -> str:
        """The digest of the framework that it carries; only for `adopt_framework`."""
        payload = cast("dict[str, dict[str, Json]]", parse_json(self.payload))
        return document_digest(payload["framework"])

    def written(self) -> dict[str, Json]:
        """Return the JWS as it is kept: flattened, or general where several signed."""
        parts = [each.jws.flattened() for each in self.signatures]
        if len(parts) == 1:
            return {**parts[0]}
        pairs: list[Json] = [
            {"protected": each["protected"], "signature": each["signature"]} for each in parts
        ]
        return {"payload": parts[0]["payload"], "signatures": pairs}


def open_act(value: Json) -> SignedAct:
    """Open a JWS over an act; its signatures are verified by `verify_signatures`.

    Args:
        value: flattened (RFC 7515 7.2.2), or general (7.2.1) where more than one signed.

    Raises:
        ActRefusedError: no such JWS, a header with other members than `alg` (Ed25519 or ES256),
            `kid` and `typ`, the same method twice, or a payload that `parse_act` refuses.
    """
    try:
        parts = [parse_flattened(each) for each in _flattened(value)]
    except InvalidJwsError as error:
        raise ActRefusedError(Refusal.MALFORMED, str(error)) from None
    signatures = tuple(Signature(jws, _method(jws)) for jws in parts)
    if len({str(each.method) for each in signatures}) < len(signatures):
        message = "the same verification method signs twice"
        raise ActRefusedError(Refusal.MALFORMED, message, "signatures")
    act = parse_act(parts[0].payload)
    if signatures[0].did != act.by:
        raise ActRefusedError(Refusal.WRONG_HEADER, "kid is not a key of whom `by` names", "by")
    return SignedAct(act, act_id(parts[0].payload), signatures)


def _flattened(value: Json) -> list[Json]:
    """Take the general form apart; there are at least two signatures in it."""
    if not isinstance(value, dict) or "signatures" not in value:
        return [value]
    signatures = value["signatures"]
    if set(value) != {"payload", "signatures"} or not isinstance(signatures, list):
        raise InvalidJwsError("a general JWS has exactly payload and signatures")
    if not 1 < len(signatures) <= MAX_SIGNATURES:
        raise InvalidJwsError(f"a general JWS of an act has 2 to {MAX_SIGNATURES} signatures")
    if not all(isinstance(each, dict) and "payload" not in each for each in signatures):
        raise InvalidJwsError("a signature has exactly protected and signature")
    return [{**each, "payload": value["payload"]} for each in signatures if isinstance(each, dict)]


def _method(jws: Jws) -> DidUrl:
    try:
        return signing_method(jws, ACT_TYPE)
    except InvalidJwsError as error:
        raise ActRefusedError(Refusal.WRONG_HEADER, str(error), "protected") from None


def verify_signatures(signed: SignedAct, signers: Sequence[Signer]) -> None:
    """Verify that these signers signed the act, in this order.

    Raises:
        ActRefusedError: others signed, with another kind of key, or another message.
    """
    if [each.method for each in signed.signatures] != [each.method for each in signers]:
        raise ActRefusedError(Refusal.BAD_SIGNATURE, "signed by another method", "protected")
    for signature, signer in zip(signed.signatures, signers, strict=True):
        verify_signature(signature, signer.key)


def verify_signature(signature: Signature, key: PublicKey) -> None:
    """Verify one signature over an act with the key of its verification method.

    Raises:
        ActRefusedError: it is of another kind of key, or over another message.
    """
    try:
        verify_jws(signature.jws, key)
    except ResolverError as error:
        raise ActRefusedError(Refusal.BAD_SIGNATURE, str(error), "signature") from None


def open_entry(entry: Entry, index: int) -> SignedAct:
    """Open the act of an entry that the journal holds.

    Raises:
        CorruptJournalError: it is none that was ever admitted.
    """
    try:
        return open_act(dict(entry.jws))
    except ActRefusedError as error:
        raise CorruptJournalError(index, str(error)) from None
