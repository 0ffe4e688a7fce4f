"""Signing graphs, for tests: what issuers do, and holders who disclose only some of it."""

import hashlib
from collections.abc import Mapping

from credentials.rdf.canonicalise import canonicalise, relabelled
from credentials.rdf.dataset import quads_of
from credentials.rdf.quads import line
from resolver.encodings import base58btc, base64url
from resolver.keys import Curve
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.rdf.graphs import Graphs

CREATED = "2026-01-01T00:00:00Z"


async def sign_graph(
    graphs: Graphs,
    document: Mapping[str, Json],
    method: str,
    key: PrivateKey,
    suite: str | None = None,
    **options: Json,
) -> dict[str, Json]:
    """A document with a proof over its graph; the key decides on the suite where none is named."""
    algorithm = "sha384" if key.public.curve is Curve.P384 else "sha256"
    proof = proof_options(key, method, suite) | options
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    made = await graphs.transform(unsecured, proof, algorithm)
    value = "z" + base58btc(key.sign(made.options + made.document))
    return {**unsecured, "proof": {**proof, "proofValue": value}}


def proof_options(key: PrivateKey, method: str, suite: str | None) -> dict[str, Json]:
    ed25519 = key.public.curve is Curve.ED25519
    suite = suite or ("eddsa-rdfc-2022" if ed25519 else "ecdsa-rdfc-2019")
    kind: dict[str, Json] = {"type": "DataIntegrityProof", "cryptosuite": suite}
    if suite == "Ed25519Signature2020":
        kind = {"type": suite}
    return {
        **kind,
        "created": CREATED,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for extra, width in ((24, 1), (25, 2), (26, 4)):
        if number < 1 << 8 * width:
            return bytes([kind << 5 | extra]) + number.to_bytes(width, "big")
    raise ValueError(number)


def cbor(value: object) -> bytes:
    """CBOR, as derived proofs write it."""
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    assert isinstance(value, dict)
    return _head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


async def derive(
    graphs: Graphs,
    document: Mapping[str, Json],
    method: str,
    key: PrivateKey,
    mandatory: tuple[str, ...] = (),
) -> tuple[dict[str, Json], list[object]]:
    """A document with a derived proof that discloses all of it, and the parts of its value.

    What is mandatory is told by parts of its statements. The issuer's labels of blank nodes are
    hashes of canonical ones here; to a verifier they are random either way.
    """
    proof = proof_options(key, method, "ecdsa-sd-2023")
    made = await graphs.transform(document, proof, "sha256")
    quads = quads_of(graphs.transformer.expander.expand(document).nodes, 1000)
    canonical = canonicalise(quads)
    own = {name: hashlib.sha256(name.encode()).digest() for name in canonical.labels.values()}
    issued = {node: f"_:u{base64url(own[name])}" for node, name in canonical.labels.items()}
    lines = sorted({line(relabelled(quad, issued)) for quad in quads})
    chosen = [n for n, text in enumerate(lines) if any(part in text for part in mandatory)]
    ephemeral = PrivateKey.generate(Curve.P256)
    public = b"\x80\x24" + ephemeral.public.raw
    digest = hashlib.sha256("".join(lines[n] for n in chosen).encode()).digest()
    parts: list[object] = [
        key.sign(made.options + public + digest),
        public,
        [ephemeral.sign(text.encode()) for n, text in enumerate(lines) if n not in chosen],
        {int(name.removeprefix("_:c14n")): digest for name, digest in own.items()},
        chosen,
    ]
    return {**document, "proof": {**proof, "proofValue": proof_value(parts)}}, parts


def proof_value(parts: object, header: bytes = b"\xd9\x5d\x01") -> str:
    return "u" + base64url(header + cbor(parts))
