"""Embedded proofs that sign the graph of a document, not its JSON."""

from collections.abc import Iterable, Mapping

from credentials.rdf.selective import parse_disclosure, verify_disclosure
from credentials.rdf.signed import GraphSource, Meaning, Protection
from credentials.values import entries
from resolver.errors import InvalidProofError, UnsupportedProofError
from resolver.keys import PublicKey
from resolver.proofs.data_integrity import Proof, previous_proofs, verify_digests
from resolver.proofs.suites import Transformation
from resolver.strict_json import Json

_CREDENTIAL = "https://www.w3.org/2018/credentials#VerifiableCredential"
_TIMES = ("validFrom", "validUntil", "issuanceDate", "expirationDate")


async def verify_graph_proof(
    document: Mapping[str, Json], proof: Proof, key: PublicKey, graphs: GraphSource | None
) -> Protection:
    """Verify a proof of `eddsa-rdfc-2022`, `ecdsa-rdfc-2019`, `ecdsa-sd-2023` or its forerunner.

    That its options are as they must be (`check_options`) is for the caller to check.

    Args:
        document: the secured document, with its proofs.
        proof: one of them.
        key: the key found through the proof's verification method.
        graphs: what makes graphs; None where they are not made.

    Returns:
        What of the JSON is protected by it.

    Raises:
        InvalidProofError: it is no JSON-LD, parts of it are not signed, or what is signed says
            something else of the document itself than the JSON.
        UnsupportedProofError: a context is not at hand, or a limit is exceeded.
        UnsupportedKeyError: the key is none that the cryptosuite uses.
        InvalidSignatureError: the signature does not verify.
    """
    if graphs is None:
        raise UnsupportedProofError(f"{proof.suite.name} signs a graph, and none are made here")
    algorithm = proof.suite.hash_for(key)
    selective = proof.suite.transformation is Transformation.SELECTIVE
    disclosure = parse_disclosure(proof.value) if selective else None
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if proof.previous:
        unsecured["proof"] = previous_proofs(document, proof.previous)
    options = {name: value for name, value in proof.raw.items() if name != "proofValue"}
    made = await graphs.transform(unsecured, options, algorithm, disclosure)
    if disclosure is not None and made.statements is not None:
        verify_disclosure(disclosure, made.options, made.statements, key)
    else:
        verify_digests(proof, key, made.options + made.document)
    _compare(document, made.meaning)
    return made.protection


def _compare(document: Mapping[str, Json], meaning: Meaning) -> None:
    """Compare what a reader of the JSON sees of the document itself with what is signed of it."""
    wrong = [*_differences(document, meaning)]
    if wrong:
        raise InvalidProofError(f"what is signed differs from the JSON: {', '.join(wrong)}")


def _differences(document: Mapping[str, Json], meaning: Meaning) -> Iterable[str]:
    types = [each for _, each in entries(document.get("type"))]
    if ("VerifiableCredential" in types) is not (_CREDENTIAL in meaning.types):
        yield "type"
    for name, signed in (("issuer", meaning.issuer), ("holder", meaning.holder)):
        if _id(document.get(name)) != signed:
            yield name
    if len(entries(document.get("credentialStatus", []))) != meaning.statuses:
        yield "credentialStatus"
    yield from (name for name in _TIMES if document.get(name) != meaning.times.get(name))


def _id(value: Json) -> Json:
    return value.get("id") if isinstance(value, dict) else value
