"""Signed reads: the key is one for authentication."""

import pytest

from link_resolver.errors import RoleNotProvedError
from link_resolver.signed_reads import read_signed, sign_read
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.instant import SECOND, Instant
from resolver.methods.key import key_document
from resolver.proofs.http_signatures.messages import Request
from resolver.signing import PrivateKey

KEY = PrivateKey.from_seed(bytes(32))
DID = Did.parse(f"did:key:{KEY.public.multikey}")
NOW = Instant(1_800_000_000 * SECOND)
TARGET = "https://id.example/01/09506000134352?accessRole=x"


class Documents:
    def __init__(self, left_out: str) -> None:
        self.left_out = left_out

    async def document(self, did: Did) -> DidDocument:
        raw = key_document(did, did.specific_id).raw
        return parse_document({**raw, self.left_out: []}, did)


def known(did: Did) -> bool:
    return did == DID


async def test_a_key_for_assertions_proves_no_role() -> None:
    headers = sign_read(TARGET, kid=f"{DID}#{KEY.public.multikey}", key=KEY, now=NOW)
    request = Request("GET", TARGET, headers)
    signed = await read_signed(request, known, Documents("assertionMethod"), NOW)
    assert signed is not None
    assert (signed.caller, signed.key) == (DID, KEY.public)
    with pytest.raises(RoleNotProvedError, match="authentication"):
        await read_signed(request, known, Documents("authentication"), NOW)
    assert await read_signed(Request("GET", TARGET), known, Documents("x"), NOW) is None
