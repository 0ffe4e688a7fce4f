"""The credentials that the bench verifies: those of the demo, made as large as real ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from touchstone.demo.bodies import credential_body
from touchstone.demo.data import read_demo

KEY = PrivateKey.from_seed(bytes(range(32)))
DID = f"did:key:{KEY.public.multikey}"
METHOD = f"{DID}#{KEY.public.multikey}"
BYTES = 17_000
"""What a conformity credential with a few assessments has."""
_PART = "conformityAssessment"
VCDM = "https://www.w3.org/ns/credentials/v2"
_NAMED = "VerifiableCredential"


@dataclass(frozen=True, slots=True)
class Texts:
    """One credential in several forms.

    Attributes:
        body: unsigned.
        token: as a JWT.
    """

    body: dict[str, Json]
    token: str


def conformity() -> Texts:
    """Return a conformity credential of UNTP 0.7.0 with at least `BYTES` bytes."""
    data = read_demo()
    credential = next(each for each in data.credentials if each.kind == "DCC")
    body = credential_body(credential, data) | {"issuer": {"id": DID, "name": "The bench"}}
    subject = body["credentialSubject"]
    parts = _object(subject)[_PART]
    if not isinstance(parts, list):
        raise TypeError("a conformity credential has assessments")
    assessment = _object(parts[0])
    while len(orjson.dumps(body)) < BYTES:
        parts.append({**assessment, "id": f"urn:bench:assessment:{len(parts)}"})
    header: dict[str, Json] = {"alg": "EdDSA", "kid": METHOD, "typ": "vc+jwt", "cty": "vc"}
    return Texts(body, sign_compact(orjson.dumps(body), header, KEY))


def _object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected")
    return value


def options(suite: str) -> dict[str, Json]:
    """Return the options of a proof."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }


def poison(width: int = 8) -> dict[str, Json]:
    """Return a credential whose blank nodes all look alike, which factorially many orders tell."""
    ray: dict[str, Json] = {"type": _NAMED}
    hub: dict[str, Json] = {"type": _NAMED, "evidence": [ray] * width}
    subject: dict[str, Json] = {"type": _NAMED, "evidence": [hub] * width}
    return {
        "@context": [VCDM],
        "type": [_NAMED],
        "issuer": DID,
        "credentialSubject": {"type": _NAMED, "evidence": [subject] * width},
        "proof": {**options("eddsa-rdfc-2022"), "proofValue": f"z{'2' * 86}"},
    }


def huge(size: int = 10_000_000) -> dict[str, Json]:
    """Return a credential of at least so many bytes."""
    return {"@context": [VCDM], "type": [_NAMED], "issuer": DID, "name": "x" * size}
