"""Opening signed acts: from a flattened JWS to a typed act whose signature can be verified."""

from dataclasses import dataclass
from typing import cast

from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError, ResolverError
from resolver.proofs.jose import InvalidJwsError, Jws, parse_flattened, verify_jws
from resolver.strict_json import Json, parse_json
from trust_registry.acts import ACT_TYPE, Act, act_id, parse_act
from trust_registry.documents import document_digest
from trust_registry.entries import Entry, Signer
from trust_registry.errors import ActRefusedError, CorruptJournalError, Refusal

_HEADER = frozenset({"alg", "kid", "typ"})
_ALGORITHMS = frozenset({"Ed25519", "ES256"})


@dataclass(frozen=True, slots=True)
class SignedAct:
    """An act as it came, opened and not yet believed.

    Attributes:
        act: what it says.
        id: SHA-256 of its payload, in hex.
        jws: the signature over it.
        method: the verification method that its header names.
    """

    act: Act
    id: str
    jws: Jws
    method: DidUrl

    @property
    def framework_digest(self) -> str:
        """The digest of the framework that it carries; only for `adopt_framework`."""
        payload = cast("dict[str, dict[str, Json]]", parse_json(self.jws.payload))
        return document_digest(payload["framework"])


def open_act(value: Json) -> SignedAct:
    """Open a flattened JWS over an act; its signature is verified by `verify_signature`.

    Raises:
        ActRefusedError: no flattened JWS, a header with other members than `alg` (Ed25519 or
            ES256), `kid` and `typ`, or a payload that `parse_act` refuses.
    """
    try:
        jws = parse_flattened(value)
    except InvalidJwsError as error:
        raise ActRefusedError(Refusal.MALFORMED, str(error)) from None
    method = _method(jws)
    act = parse_act(jws.payload)
    if method.did != act.by:
        raise ActRefusedError(Refusal.WRONG_HEADER, "kid is not a key of whom `by` names", "by")
    return SignedAct(act, act_id(jws.payload), jws, method)


def _method(jws: Jws) -> DidUrl:
    header = jws.header
    if header.keys() != _HEADER:
        raise _wrong_header("has exactly alg, kid and typ")
    if header["typ"] != ACT_TYPE:
        raise _wrong_header(f"has the typ {ACT_TYPE}")
    if header["alg"] not in _ALGORITHMS:
        raise _wrong_header("has the alg Ed25519 or ES256")
    try:
        method = DidUrl.parse(jws.kid or "")
    except InvalidDidUrlError as error:
        raise _wrong_header(f"has a kid that is a DID URL: {error}") from None
    if not method.fragment or method.path or method.query is not None:
        raise _wrong_header("has a kid that is a DID with a fragment")
    return method


def _wrong_header(demand: str) -> ActRefusedError:
    return ActRefusedError(Refusal.WRONG_HEADER, f"the protected header {demand}", "protected")


def verify_signature(signed: SignedAct, signer: Signer) -> None:
    """Verify that this signer signed the act.

    Raises:
        ActRefusedError: another method, another kind of key, or another message.
    """
    if signed.method != signer.method:
        raise ActRefusedError(Refusal.BAD_SIGNATURE, "signed by another method", "protected")
    try:
        verify_jws(signed.jws, signer.key)
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
