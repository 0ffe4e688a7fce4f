"""Whose key counts: pinned by the registry, and not revoked by its DID document."""

from pathlib import Path

import pytest

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import ErrorCode, ResolutionError
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, verify_jws
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.trust_registry.board import (
    ORIGIN,
    START,
    Board,
    framework_document,
    party,
    someone,
)
from trust_registry import opening
from trust_registry.documents import document_digest
from trust_registry.errors import ActRefusedError, Refusal
from trust_registry.registry import Registry, open_registry
from trust_registry.writing import found, sign_act, write_for

DID = "did:web:member.example"
KEY = someone("member").key
OTHER = someone("other").key


class Documents:
    """One DID document that its controller changes."""

    def __init__(self) -> None:
        self.keys: list[PrivateKey] = [KEY]
        self.error: ResolutionError | None = None
        self.asked = 0
        self.more: dict[str, Json] = {}

    async def document(self, did: Did) -> DidDocument:
        self.asked += 1
        if self.error is not None:
            raise self.error
        methods: list[Json] = [
            {
                "id": f"{DID}#{key.public.thumbprint}",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": key.public.multikey,
                **self.more,
            }
            for key in self.keys
        ]
        listed: list[Json] = [f"{DID}#{key.public.thumbprint}" for key in self.keys]
        return parse_document(
            {"id": DID, "verificationMethod": methods, "assertionMethod": listed}, did
        )


def signed(payload: bytes, key: PrivateKey) -> Json:
    return {**sign_act(payload, f"{DID}#{key.public.thumbprint}", key)}


def document() -> dict[str, Json]:
    seat: Json = {
        "did": DID,
        "name": "member",
        "class": "civil-society",
        "keys": [KEY.public.thumbprint],
    }
    return framework_document(members=[seat])


async def opened(path: Path, documents: Documents) -> Registry:
    payload = found(document(), by=DID, origin=ORIGIN, issued=START)
    return await open_registry(
        path / "journal",
        clock=FixedClock(START),
        resolver=documents,
        origin=ORIGIN,
        genesis=lambda: signed(payload, KEY),
    )


async def refusal(registry: Registry, key: PrivateKey, by: str = DID) -> ActRefusedError:
    payload = write_for(registry, party("auditor"), by=by, issued=START)
    kid = f"{by}#{key.public.thumbprint}"
    with pytest.raises(ActRefusedError) as caught:
        await registry.submit({**sign_act(payload, kid, key)})
    assert registry.journal.size == 1
    return caught.value


async def test_who_takes_the_web_server_does_not_get_the_vote(tmp_path: Path) -> None:
    documents = Documents()
    registry = await opened(tmp_path, documents)
    documents.keys = [OTHER]
    assert (await refusal(registry, OTHER)).code is Refusal.KEY_NOT_PINNED
    await registry.close()


async def test_a_pinned_key_that_its_document_no_longer_lists_is_revoked(tmp_path: Path) -> None:
    documents = Documents()
    registry = await opened(tmp_path, documents)
    documents.keys = [OTHER]
    assert (await refusal(registry, KEY)).code is Refusal.KEY_NOT_LISTED
    documents.keys, documents.more = [KEY], {"revoked": "2025-01-01T00:00:00Z"}
    assert (await refusal(registry, KEY)).code is Refusal.KEY_NOT_LISTED
    documents.more = {"controller": "did:web:another.example"}
    assert (await refusal(registry, KEY)).code is Refusal.KEY_NOT_LISTED
    await registry.close()


async def test_a_document_that_cannot_be_read_is_no_reason_to_trust(tmp_path: Path) -> None:
    documents = Documents()
    registry = await opened(tmp_path, documents)
    documents.error = ResolutionError(ErrorCode.INTERNAL_ERROR, "no answer")
    refused = await refusal(registry, KEY)
    assert (refused.code, refused.retryable) == (Refusal.DID_UNAVAILABLE, True)
    documents.error = ResolutionError(ErrorCode.NOT_FOUND, "ended", deactivated=True)
    refused = await refusal(registry, KEY)
    assert (refused.code, refused.retryable) == (Refusal.KEY_NOT_LISTED, False)
    await registry.close()


async def test_nothing_is_fetched_for_strangers(tmp_path: Path) -> None:
    documents = Documents()
    registry = await opened(tmp_path, documents)
    asked = documents.asked
    refused = await refusal(registry, KEY, by="did:web:internal.example")
    assert (refused.code, documents.asked) == (Refusal.UNKNOWN_SIGNER, asked)
    await registry.close()


async def test_an_entry_keeps_what_was_resolved(tmp_path: Path) -> None:
    documents = Documents()
    registry = await opened(tmp_path, documents)
    entry = await registry.entry(0)
    assert entry.signer.key == KEY.public
    assert entry.signer.resolution == (await documents.document(Did.parse(DID))).digest
    await registry.close()


async def test_an_empty_journal_can_be_kept_for_one_framework(tmp_path: Path) -> None:
    payload = found(document(), by=DID, origin=ORIGIN, issued=START)
    for digest, begins in (("0" * 64, False), (document_digest(document()), True)):
        registry = await open_registry(
            tmp_path / "journal",
            clock=FixedClock(START),
            resolver=Documents(),
            origin=ORIGIN,
            framework=digest,
        )
        if begins:
            assert (await registry.submit(signed(payload, KEY))).index == 0
        else:
            with pytest.raises(ActRefusedError) as caught:
                await registry.submit(signed(payload, KEY))
            assert caught.value.code is Refusal.WRONG_FRAMEWORK
        await registry.close()


async def test_the_first_act_is_a_framework_by_one_whom_it_seats(tmp_path: Path) -> None:
    documents = Documents()
    payload = found(document(), by=DID, origin=ORIGIN, issued=START)
    documents.keys = [OTHER]
    registry = await open_registry(
        tmp_path / "journal", clock=FixedClock(START), resolver=documents, origin=ORIGIN
    )
    for act in (
        signed(payload, OTHER),
        signed(write_for(registry, party("a"), by=DID, issued=START), OTHER),
    ):
        with pytest.raises(ActRefusedError):
            await registry.submit(act)
    assert registry.journal.size == 0
    await registry.close()


async def test_each_signature_is_verified_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def counting(jws: Jws, key: PublicKey) -> None:
        verified.append(str(jws.kid))
        verify_jws(jws, key)

    monkeypatch.setattr(opening, "verify_jws", counting)
    act = board.sign("irma", board.write("irma", party("auditor")), "auditor")
    await board.registry.submit(act)
    assert sorted(verified) == sorted(someone(name).kid for name in ("irma", "auditor"))
