"""`touchstone act check`: hold a registry's signed word on an act against its public log."""

import asyncio
from pathlib import Path

import aiohttp
import click

from resolver.clock import SystemClock
from resolver.instant import format_instant
from touchstone.cli.act_sources import server_of, server_option
from touchstone.cli.printing import Exit, give_up, json_option, show, show_json
from touchstone.cli.reading import HttpSource
from touchstone.cli.trusting import Trusted, trust_options
from touchstone.cli.writing import file_argument, read_file
from trust_registry.entries import Entry
from trust_registry.errors import TrustRegistryError
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import open_checkpoint
from trust_registry.log.notes import MAX_NOTE, Note
from trust_registry.log.policies import Policy
from trust_registry.log.proof_files import MAX_FILE, ProofFile
from trust_registry.opening import open_entry
from trust_registry.receipts import Receipt, is_broken, open_receipt


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 the word was kept, or is not due yet; 1 it was broken; 4 it cannot be told.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone act check receipt.txt --vkey registry.example/log+5b4f… \\\n"
        "    --server https://registry.example\n"
    )
)
@file_argument
@server_option
@trust_options
@json_option
def check(*, file: Path, server: str | None, trusted: Trusted, as_json: bool) -> None:
    """Check that the registry kept its word on an act, as the receipt in FILE gives it."""
    policy = trusted.policy()
    try:
        receipt = open_receipt(read_file(file), policy.logs)
    except TrustRegistryError as error:
        give_up(f"{file}: {error}")
    if receipt.refused is not None:
        text = f"it was refused at {receipt.size} entries: {receipt.refused.value}"
        _say(receipt, text, broken=False, as_json=as_json)
        return
    try:
        checkpoint, act = asyncio.run(_published(server_of(server), receipt, policy))
    except TrustRegistryError as error:
        give_up(str(error))
    now = SystemClock().now()
    broken = is_broken(receipt, checkpoint, now, act)
    text = f"it is entry {receipt.index} of {checkpoint.size}"
    if broken:
        text = f"it is not entry {receipt.index} of the {checkpoint.size} that the log shows"
    elif act is None:
        text = f"it is due by {format_instant(receipt.due)}"
    _say(receipt, text, broken=broken, as_json=as_json)


def _say(receipt: Receipt, text: str, *, broken: bool, as_json: bool) -> None:
    if as_json:
        show_json({"act": receipt.act, "kept": not broken, "detail": text})
    else:
        show(f"{'✗ broken' if broken else '✓ kept'}: act {receipt.act}: {text}")
    if broken:
        raise SystemExit(int(Exit.NO))


async def _published(
    server: str, receipt: Receipt, policy: Policy
) -> tuple[Checkpoint, str | None]:
    """Return what the log signed for, and the act that it proves to be where the receipt says.

    Raises:
        TrustRegistryError: the log cannot be read, or proves nothing.
    """
    async with aiohttp.ClientSession() as session:
        source = HttpSource(session, server.rstrip("/"))
        note = await source.get("log/checkpoint", MAX_NOTE)
        if note is None:
            give_up(f"{server} shows no checkpoint")
        checkpoint = open_checkpoint(Note.parse(note), policy.logs)
        if checkpoint.size <= receipt.index:
            return checkpoint, None
        data = await source.get(f"v1/acts/{receipt.act}/proof", MAX_FILE)
    if data is None:
        return checkpoint, ""  # it signed for that many entries, and shows no such act
    proof = ProofFile.parse(data)
    proved = proof.verify(proof.extra or b"", policy)
    entry = Entry.from_bytes(proof.extra or b"", proved.index)
    return checkpoint, open_entry(entry, proved.index).id if proved.index == receipt.index else ""
