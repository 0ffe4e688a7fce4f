"""Who approved the entries of a did:webvh log."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256

from resolver import trace
from resolver.errors import InvalidJsonError, InvalidLogError
from resolver.instant import Instant
from resolver.methods.webvh.log import SLICE, LogVersion, Required
from resolver.methods.webvh.parameters import Witnesses
from resolver.methods.webvh.proofs import read_proof, signer
from resolver.strict_json import Json, parse_json

_OUTCOMES = {True: trace.StepOutcome.PASSED, False: trace.StepOutcome.FAILED}


async def first_unapproved(
    required: tuple[Required, ...], versions: tuple[LogVersion, ...], raw: bytes, now: Instant
) -> int | None:
    """Find the first entry that too few witnesses approved (did:webvh 1.0, DID Witnesses).

    A proof for an entry approves all before it too. Proofs for entries that are not in the log, by
    others than the witnesses, or that do not verify, count for nothing.

    Args:
        required: whose approval which entries need.
        versions: the verified versions of the log.
        raw: `did-witness.json`; empty where there is none.
        now: the present, against which `expires` is held.

    Returns:
        The number of the entry, or None where all are approved.
    """
    known = {key for each in required for key in each.witnesses.keys}
    numbers = {version.id: number for number, version in enumerate(versions, 1)}
    highest: dict[str, int] = {}
    # From the newest on, so that of each witness only the proof that says most is verified.
    offered = sorted(_proofs(raw, numbers), key=lambda each: -each[0])
    for count, (number, version_id, proof) in enumerate(offered):
        if count % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        key = signer(proof)
        if key in known and key not in highest and _holds(proof, version_id, now):
            highest[key] = number
    for number, witnesses in required:
        approvals = sum(highest.get(key, 0) >= number for key in witnesses.keys)
        enough = approvals >= witnesses.threshold
        if trace.tracing():
            trace.step("witnesses", _count(number, approvals, witnesses), _OUTCOMES[enough])
        if not enough:
            return number
    return None


def _count(number: int, approvals: int, witnesses: Witnesses) -> str:
    return (
        f"entry {number}: {approvals} of {len(witnesses.keys)} approve it, "
        f"{witnesses.threshold} must"
    )


def _proofs(raw: bytes, numbers: dict[str, int]) -> Iterator[tuple[int, str, Json]]:
    """The proofs for entries of this log, each with the entry's number and id."""
    try:
        listed = parse_json(raw, max_bytes=len(raw))
    except InvalidJsonError:
        return
    for item in listed if isinstance(listed, list) else []:
        if not isinstance(item, dict):
            continue
        version_id, proofs = item.get("versionId"), item.get("proof")
        if isinstance(version_id, str) and version_id in numbers and isinstance(proofs, list):
            yield from ((numbers[version_id], version_id, proof) for proof in proofs)


def _holds(proof: Json, version_id: str, now: Instant) -> bool:
    try:
        read_proof(proof, sha256(f'{{"versionId":"{version_id}"}}'.encode()).digest(), now).check()
    except InvalidLogError:
        return False
    return True
