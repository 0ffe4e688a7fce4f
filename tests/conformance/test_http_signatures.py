"""RFC 9421's own examples, and what was tampered with in them, through our verification."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from resolver.encodings import from_base64url
from resolver.errors import InvalidSignatureError, MessageSignatureError
from resolver.instant import SECOND, Instant
from resolver.keys import PublicKey
from resolver.proofs.http_signatures.fields import signatures_of
from resolver.proofs.http_signatures.messages import Message, Request, Response
from resolver.proofs.http_signatures.signing import (
    Demands,
    DocumentKey,
    VerificationKey,
    sign,
    signature_base,
    verify,
)
from resolver.signing import PrivateKey

CREATED = 1618884473
NOW = Instant((CREATED + 5) * SECOND)
PUBLIC = {"kty", "crv", "x", "y"}


@dataclass(frozen=True)
class Secret:
    """A shared secret: DID documents have none, and so the product takes none."""

    secret: bytes
    algorithm: str = "hmac-sha256"

    def verify(self, signature: bytes, message: bytes) -> None:
        if not hmac.compare_digest(hmac.digest(self.secret, message, "sha256"), signature):
            raise InvalidSignatureError("another secret")


@dataclass(frozen=True)
class RsaPss:
    """An RSA key: the product takes none from DID documents."""

    key: rsa.RSAPublicKey
    algorithm: str = "rsa-pss-sha512"

    def verify(self, signature: bytes, message: bytes) -> None:
        scheme = padding.PSS(padding.MGF1(hashes.SHA512()), salt_length=64)
        try:
            self.key.verify(signature, message, scheme, hashes.SHA512())
        except InvalidSignature:
            raise InvalidSignatureError("another key") from None


def key_of(jwk: Mapping[str, str]) -> VerificationKey:
    match jwk["kty"]:
        case "oct":
            return Secret(from_base64url(jwk["k"]))
        case "RSA":
            e, n = (int.from_bytes(from_base64url(jwk[each]), "big") for each in "en")
            return RsaPss(rsa.RSAPublicNumbers(e, n).public_key())
        case _:
            public = {name: value for name, value in jwk.items() if name in PUBLIC}
            return DocumentKey(PublicKey.from_jwk(public))


def message_of(case: Mapping[str, Any]) -> Message:
    fields = (("Signature-Input", case["signature_input"]), ("Signature", case["signature"]))
    headers = (*((name, value) for name, value in case["headers"]), *fields)
    body = case["body"].encode()
    first, second, _ = case["start_line"].split(" ", 2)
    if case["kind"] == "response":
        return Response(int(second), headers, body, Request("GET", "https://example.com/foo"))
    host = next(value for name, value in headers if name == "Host")
    return Request(first, f"{case['scheme']}://{host}{second}", headers, body)


def published(vectors: Path) -> dict[str, Any]:
    return json.loads((vectors / "governance" / "rfc9421" / "cases.json").read_bytes())


def test_every_case_has_the_verdict_that_was_published(vectors: Path) -> None:
    file = published(vectors)
    assert len(file["cases"]) == 12
    for case in file["cases"]:
        message, key = message_of(case), key_of(file["keys"][case["key_id"]])
        (signature,) = signatures_of(message.headers)
        assert signature.coverage.parameters["keyid"] == case["key_id"]
        assert key.algorithm == case["alg"]
        if case["valid"]:
            assert signature_base(message, signature.coverage).decode() == case["signature_base"]
            verify(message, signature, key, Demands(), NOW)
        else:
            with pytest.raises(MessageSignatureError, match="does not match"):
                verify(message, signature, key, Demands(), NOW)


def test_what_we_sign_is_what_the_examples_signed(vectors: Path) -> None:
    file = published(vectors)
    signed = 0
    for case in file["cases"]:
        jwk = file["keys"][case["key_id"]]
        if case["deterministic"] and case["valid"] and jwk["kty"] == "OKP":
            message = message_of(case)
            (given,) = signatures_of(message.headers)
            ours = sign(message, given.label, given.coverage, PrivateKey.from_jwk(jwk))
            assert ours.headers() == message.headers[-2:]
            signed += 1
    assert signed == 1


def test_every_other_key_fails(vectors: Path) -> None:
    file = published(vectors)
    for case in file["cases"]:
        message = message_of(case)
        (signature,) = signatures_of(message.headers)
        for name, jwk in file["keys"].items():
            if name != case["key_id"]:
                with pytest.raises(MessageSignatureError, match="does not match"):
                    verify(message, signature, key_of(jwk), Demands(), NOW)
