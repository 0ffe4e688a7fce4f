"""Derived proofs of ecdsa-sd-2023: what they disclose, and what of it was signed how."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credentials.rdf.canonicalise import GraphLimits, canonicalise, relabelled
from credentials.rdf.cbor import Cbor, parse_cbor
from credentials.rdf.errors import TooMuchWorkError
from credentials.rdf.quads import Quad, line
from resolver.encodings import base64url, from_base64url
from resolver.errors import InvalidEncodingError, InvalidProofError, UnsupportedProofError
from resolver.keys import Algorithm, Curve, PublicKey, verify

_DERIVED, _BASE = b"\xd9\x5d\x01", b"\xd9\x5d\x00"
_P256 = b"\x80\x24"  # its multicodec
_KEY_BYTES, _SIGNATURE_BYTES, _LABEL_BYTES = 35, 64, 32
_MAX_CHARACTERS = 100_000
_MAX_STATEMENTS = 600
"""Each costs a signature check; a large passport has some 400."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A derived proof's value, taken apart (Data Integrity ECDSA 1.0, 3.5.7).

    Attributes:
        base_signature: the issuer's, over what is mandatory and over `key`.
        key: the key made for this credential alone, which signed each other statement; as signed.
        signatures: one for each statement that is not mandatory, in order.
        labels: the issuer's labels of blank nodes, by canonical ones.
        mandatory: which of the disclosed statements are mandatory.
    """

    base_signature: bytes
    key: bytes
    signatures: tuple[bytes, ...]
    labels: Mapping[str, str]
    mandatory: frozenset[int]


@dataclass(frozen=True, slots=True)
class Statements:
    """What a derived proof is over.

    Attributes:
        mandatory: the hash of the statements that the issuer lets nobody leave out.
        others: each other statement that is disclosed.
    """

    mandatory: bytes
    others: tuple[str, ...]


def parse_disclosure(value: str) -> Disclosure:
    """Read the `proofValue` of a derived proof.

    Args:
        value: CBOR in base64url, in multibase.

    Raises:
        InvalidProofError: it is none.
        UnsupportedProofError: a base proof, which is for its holder alone.
        TooMuchWorkError: more statements are disclosed than are looked at.
    """
    if len(value) > _MAX_CHARACTERS or not value.startswith("u"):
        raise InvalidProofError("proofValue is base64url in multibase, starting with u")
    try:
        data = from_base64url(value[1:])
    except InvalidEncodingError as error:
        raise InvalidProofError(f"proofValue: {error}") from None
    if data.startswith(_BASE):
        raise UnsupportedProofError("a base proof is for its holder, who derives others from it")
    if not data.startswith(_DERIVED):
        raise InvalidProofError("proofValue is not that of a derived proof")
    match parse_cbor(data[len(_DERIVED) :]):
        case [_, _, list(signatures), _, _] if len(signatures) > _MAX_STATEMENTS:
            raise TooMuchWorkError(f"more than {_MAX_STATEMENTS} statements are disclosed")
        case [signature, key, list(signatures), dict(labels), list(mandatory)]:
            return Disclosure(
                _sized(signature, _SIGNATURE_BYTES),
                _sized(key, _KEY_BYTES),
                tuple(_sized(each, _SIGNATURE_BYTES) for each in signatures),
                {
                    f"_:c14n{n}": f"_:u{base64url(_sized(label, _LABEL_BYTES))}"
                    for n, label in labels.items()
                },
                _numbers(mandatory),
            )
    raise InvalidProofError("proofValue does not have the parts of a derived proof")


def _sized(value: Cbor, size: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise InvalidProofError(f"a part of proofValue is not {size} bytes")
    return value


def _numbers(values: Sequence[Cbor]) -> frozenset[int]:
    found = tuple(value for value in values if isinstance(value, int))
    if len(set(found)) != len(values):
        raise InvalidProofError("the mandatory statements are named by numbers, each once")
    return frozenset(found)


def statements_of(quads: Sequence[Quad], disclosure: Disclosure, limits: GraphLimits) -> Statements:
    """Sort out what a derived proof is over (Data Integrity ECDSA 1.0, 3.5.4).

    Args:
        quads: the disclosed document's.
        disclosure: its proof.
        limits: how much of the graph is looked at.

    Raises:
        InvalidProofError: a blank node without a label of the issuer's, or a mandatory statement
            that is not there.
        TooMuchWorkError: a limit is exceeded.
    """
    labels = canonicalise(quads, "sha256", limits).labels
    if not disclosure.labels.keys() >= set(labels.values()):
        raise InvalidProofError("proofValue lacks the labels of some blank nodes")
    issued = {node: disclosure.labels[label] for node, label in labels.items()}
    if len(set(issued.values())) < len(issued):
        raise InvalidProofError("two blank nodes have one label")
    lines = sorted({line(relabelled(quad, issued)) for quad in quads})
    if not disclosure.mandatory <= set(range(len(lines))):
        raise InvalidProofError("a mandatory statement is not there")
    mandatory = "".join(text for n, text in enumerate(lines) if n in disclosure.mandatory)
    others = tuple(text for n, text in enumerate(lines) if n not in disclosure.mandatory)
    return Statements(hashlib.sha256(mandatory.encode()).digest(), others)


def verify_disclosure(
    disclosure: Disclosure, options: bytes, statements: Statements, issuer: PublicKey
) -> None:
    """Verify a derived proof (Data Integrity ECDSA 1.0, 3.5.8).

    Args:
        disclosure: the proof.
        options: the hash of its options.
        statements: what it is over.
        issuer: the issuer's key.

    Raises:
        InvalidProofError: there is not one signature for each statement that is not mandatory.
        InvalidKeyError: the key in the proof is none on P-256.
        InvalidSignatureError: a signature does not verify.
    """
    if len(statements.others) != len(disclosure.signatures):
        raise InvalidProofError("there is not one signature for each disclosed statement")
    signed = options + disclosure.key + statements.mandatory
    verify(issuer, Algorithm.ES256, disclosure.base_signature, signed)
    if not disclosure.key.startswith(_P256):
        raise InvalidProofError("the key in proofValue is not on P-256")
    key = PublicKey(Curve.P256, disclosure.key[len(_P256) :])
    for statement, signature in zip(statements.others, disclosure.signatures, strict=True):
        verify(key, Algorithm.ES256, signature, statement.encode())
