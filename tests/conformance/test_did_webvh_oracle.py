"""A second opinion on did:webvh: the library on PyPI, with everything in which we know it to err."""

import asyncio
from collections.abc import Sequence

import pytest
from did_webvh.core.resolver import DidResolver
from did_webvh.history import LocalHistoryResolver
from did_webvh.verify import WebvhVerifier

from resolver.errors import ResolutionError
from resolver.methods.webvh.writing import Written, approvals, commitment, next_entry
from tests.unit.resolver.test_webvh_laws import Controller
from tests.webvh import did_of, genesis, key, raw_of, resolved, second


def theirs(folder, log: Sequence[Written], witnesses: bytes | None = None) -> bool:
    """Whether the other implementation resolves a log."""
    (folder / "did.jsonl").write_bytes(raw_of(log))
    if witnesses is not None:
        (folder / "did-witness.json").write_bytes(witnesses)
    source = LocalHistoryResolver(
        folder / "did.jsonl", folder / "did-witness.json" if witnesses else None
    )
    did = did_of(log).text
    result = asyncio.run(DidResolver(WebvhVerifier()).resolve(did, source))
    return result.document is not None


def ours(log: Sequence[Written], witnesses: bytes | None = None) -> bool:
    try:
        return asyncio.run(resolved(log, witnesses=witnesses)).document is not None
    except ResolutionError:
        return False


HISTORIES = [
    [],
    ["plain", "plain"],
    ["rotate", "plain", "rotate"],
    ["commit", "plain", "uncommit", "plain"],
    ["witness", "plain", "witness", "plain", "unwitness", "plain"],
    ["move", "plain", "move"],
    ["ttl", "settle", "rotate"],
    ["commit", "witness", "move", "plain", "unwitness", "uncommit", "rotate"],
]


@pytest.mark.parametrize("steps", HISTORIES)
@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("witness", [True, False])
def test_both_verify_what_is_legal(tmp_path, steps, commit, witness):
    controller = Controller()
    controller.begin({"@context": ["https://www.w3.org/ns/did/v1"]}, commit=commit, witness=witness)
    for at, kind in enumerate(steps):
        controller.step(kind, 200 + at)
    assert ours(controller.log, controller.proofs)
    assert theirs(tmp_path, controller.log, controller.proofs)


def test_both_refuse_what_is_not(tmp_path):
    first = genesis()
    committed = genesis({"nextKeyHashes": [commitment(key(2))]})
    for log in (
        [first, next_entry(first, key(9), second(1))],
        [first, next_entry(first, key(1), second(0))],
        [first, next_entry(first, key(1), second(1), {"unknown": 1})],
        [committed, next_entry(committed, key(2), second(1))],
        [Written(first.version_id, {**first.entry, "versionTime": second(1)})],
    ):
        assert not ours(log)
        assert not theirs(tmp_path, log)


def witnessed(threshold: int, numbers: Sequence[int]) -> dict[str, object]:
    listed = [{"id": f"did:key:{key(number).public.multikey}"} for number in numbers]
    return {"witness": {"threshold": threshold, "witnesses": listed}}


def test_where_it_is_too_lax(tmp_path):
    """Each of these is forbidden by the text, and accepted by version 1.0.1."""
    twice = [genesis(witnessed(2, [11, 11]))]
    first = genesis({"portable": True})
    moved = {**first.state, "id": str(first.state["id"]).replace(".com", ".org")}
    for log, witnesses in (
        (twice, approvals({twice[0].version_id: [key(11)]})),
        ([first, next_entry(first, key(1), second(1), proofPurpose="authentication")], None),
        ([first, next_entry(first, key(1), "2099-01-01T00:00:00Z")], None),
        ([first, next_entry(first, key(1), second(1), {}, moved)], None),
    ):
        assert not ours(log, witnesses)
        assert theirs(tmp_path, log, witnesses)


def test_where_it_is_too_strict(tmp_path):
    """Each of these is legal, and refused by version 1.0.1."""
    first = genesis()
    for log in (
        [first, next_entry(first, key(1), "2025-01-01T00:00:01.250Z")],
        [first, next_entry(first, key(1), "2025-01-01T00:00:01+00:00")],
        [genesis({"ttl": 0})],
    ):
        assert ours(log)
        assert not theirs(tmp_path, log)


def test_what_it_gives_of_a_deactivated_did(tmp_path):
    first = genesis()
    log = [first, next_entry(first, key(1), second(1), {"deactivated": True})]
    assert asyncio.run(resolved(log)).document is None
    assert theirs(tmp_path, log)  # the text forbids to give it


def test_where_it_breaks(tmp_path):
    """Commitments may be any strings (Pre-Rotation Key Hash Generation); it wants hashes."""
    first = genesis({"nextKeyHashes": [commitment(key(2)), "any string"]})
    parameters = {"updateKeys": [key(2).public.multikey], "nextKeyHashes": []}
    log = [first, next_entry(first, key(2), second(1), parameters)]
    assert ours(log)
    with pytest.raises((KeyError, ValueError)):
        theirs(tmp_path, log)
