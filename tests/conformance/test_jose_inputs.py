"""The official inputs for VC-JOSE-COSE, by the keys that belong to them."""

import json
from pathlib import Path

import pytest

from resolver.errors import InvalidSignatureError
from resolver.keys import PublicKey
from resolver.proofs.jose import parse_compact, verify_jws


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("credential-jose-minimal.txt", "cid-p256.json"),
        ("credential-sdjwt-selective.txt", "cid-p384.json"),
    ],
)
def test_the_signature_is_by_the_key_that_the_header_names(
    vectors: Path, file: str, key: str
) -> None:
    folder = vectors / "vc" / "jose"
    method = json.loads((folder / key).read_text())
    token = (folder / file).read_text().strip().partition("~")[0]
    jws = parse_compact(token)
    public = PublicKey.from_jwk(method["publicKeyJwk"])
    assert jws.kid == method["publicKeyJwk"]["kid"] == public.thumbprint
    verify_jws(jws, public)
    head, payload, signature = token.split(".")
    at = len(payload) // 2
    other = payload[:at] + ("A" if payload[at] != "A" else "B") + payload[at + 1 :]
    with pytest.raises(InvalidSignatureError):
        verify_jws(parse_compact(f"{head}.{other}.{signature}"), public)
