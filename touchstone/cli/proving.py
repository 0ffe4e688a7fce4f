"""Proof files: fetched from a registry, and verified without asking anyone."""

from pathlib import Path

import aiohttp

from resolver.instant import format_instant
from resolver.strict_json import Json
from touchstone.cli.printing import Exit, give_up, show, show_json
from touchstone.cli.reading import HttpSource
from trust_registry.entries import Entry
from trust_registry.errors import ActRefusedError, CorruptJournalError, TrustRegistryError
from trust_registry.log.errors import LogError
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import MAX_FILE, ProofFile
from trust_registry.opening import open_entry, verify_signatures


async def fetch_proof(url: str) -> str:
    """Return a proof file from a registry. Ends the process where there is none."""
    prefix, _, path = url.rpartition("/")
    try:
        async with aiohttp.ClientSession() as session:
            data = await HttpSource(session, prefix).get(path, MAX_FILE)
        if data is None:
            give_up(f"{url}: the registry has no such act, or no proof of it yet")
        return str(ProofFile.parse(data))
    except TrustRegistryError as error:
        give_up(str(error))


def verify_proof(file: Path, policy: Policy, *, as_json: bool) -> None:
    """Verify a proof file, and the signature of the act in it. Ends the process where it fails."""
    try:
        data = file.read_bytes()
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
    try:
        found = _verified(ProofFile.parse(data), policy)
    except (LogError, CorruptJournalError, ActRefusedError) as error:
        if as_json:
            show_json({"sound": False, "detail": str(error)})
        give_up(str(error), Exit.NO)
    if as_json:
        show_json({"sound": True, **found})
        return
    show(f"✓ sound: entry {found['index']} of {found['origin']}, of {found['size']} entries")
    show(f"act: {found['act']}, signed by {found['signer']}, recorded {found['recorded_at']}")
    show(f"cosigned by: {found['cosigned']}")


def _verified(proof: ProofFile, policy: Policy) -> dict[str, Json]:
    """Return what a proof file proves.

    Raises:
        LogError: it proves nothing under this policy.
        CorruptJournalError: what it proves is no entry of a registry.
        ActRefusedError: the act's signature is not its signer's.
    """
    entry = Entry.from_bytes(proof.extra or b"", proof.index)
    evidence = proof.verify(proof.extra or b"", policy)
    signed = open_entry(entry, proof.index)
    verify_signatures(signed, entry.signers)
    checkpoint, cosigned = evidence.checkpoint, evidence.cosignatures
    return {
        "index": evidence.index,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "act": signed.id,
        "signer": str(entry.signer.method),
        "recorded_at": format_instant(entry.recorded_at),
        "cosigned": ", ".join(each.key.name for each in cosigned) or "nobody",
    }
