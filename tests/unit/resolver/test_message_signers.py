"""Whose signature of a message it is: what a DID document must say of the key."""

from typing import Any

import pytest

from resolver.did import Did, DidUrl
from resolver.document import DidDocument, Relationship, parse_document
from resolver.errors import MessageSignatureError, ResolverError
from resolver.instant import format_instant, parse_instant
from resolver.proofs.http_signatures.fields import Coverage, Signature
from resolver.proofs.http_signatures.signers import key_of, method_of
from resolver.signing import PrivateKey

KEY = PrivateKey.from_seed(bytes(32)).public
DID = Did.parse("did:web:registry.example")
METHOD = DidUrl.parse(f"{DID}#1")
NOW = parse_instant("2026-06-01T00:00:00Z")


class Documents:
    """One document, with one method that is changed as a test says."""

    def __init__(self, **changed: Any) -> None:
        method = {
            "id": str(METHOD),
            "type": "Multikey",
            "controller": DID.text,
            "publicKeyMultibase": KEY.multikey,
            **changed,
        }
        listed = {"verificationMethod": [method], "authentication": [str(METHOD)]}
        self.json = {"@context": [], "id": DID.text, **listed}

    async def document(self, did: Did) -> DidDocument:
        return parse_document(self.json, did)


async def find(
    documents: Documents, relationship: Relationship = Relationship.AUTHENTICATION
) -> Any:
    return await key_of(METHOD, relationship, documents, NOW)


async def test_the_key_is_the_one_that_the_document_lists() -> None:
    assert (await find(Documents())).public == KEY
    later = {"expires": "2026-06-01T00:00:01Z"}
    assert (await find(Documents(**later))).public == KEY


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"controller": "did:web:other.example"}, "another controller"),
        ({"type": "Unknown"}, "no key that is known"),
        ({"expires": format_instant(NOW)}, "expired"),
        ({"revoked": format_instant(NOW)}, "revoked"),
        ({"id": f"{DID}#2"}, "no such verification method"),
    ],
)
async def test_no_other_key_is_taken(changed: dict[str, str], words: str) -> None:
    with pytest.raises(ResolverError, match=words):
        await find(Documents(**changed))


async def test_a_key_for_another_use_is_not_taken() -> None:
    with pytest.raises(ResolverError, match="assertionMethod"):
        await find(Documents(), Relationship.ASSERTION_METHOD)


@pytest.mark.parametrize(
    "named",
    [None, "", "key-1", DID.text, f"{DID}/path#1", f"{DID}?a=b#1", f"{DID}#", 7, True],
)
def test_a_keyid_is_a_did_with_a_fragment(named: Any) -> None:
    parameters = {} if named is None else {"keyid": named}
    with pytest.raises(MessageSignatureError, match="keyid is no DID"):
        method_of(Signature("a", Coverage((), parameters), b""))


def test_a_keyid_is_read() -> None:
    assert method_of(Signature("a", Coverage((), {"keyid": str(METHOD)}), b"")) == METHOD
