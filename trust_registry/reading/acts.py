"""Acts, as readers see them: as they were signed, with their receipts, and what became of them."""

from resolver.instant import format_instant
from resolver.strict_json import Json
from trust_registry.errors import NotFoundError
from trust_registry.governance import Submission
from trust_registry.registry import Registry


async def show_act(registry: Registry, id_: str) -> dict[str, Json]:
    """Answer `GET /v1/acts/{id}`: the act as it was signed, its receipt, what became of it.

    Raises:
        NotFoundError: the journal holds no such act.
    """
    recording = registry.state.recording(id_)
    status = registry.state.status(id_)
    if recording is None or status is None or recording.position >= registry.journal.size:
        raise NotFoundError("the journal holds no act with this id")
    receipt = registry.journal.receipt(recording.position)
    answer: dict[str, Json] = {
        "id": id_,
        "index": receipt.index,
        "status": status.value,
        "recorded_at": format_instant(receipt.recorded_at),
        "size": receipt.size,
        "root": receipt.root.hex(),
    }
    entry = await registry.entry(recording.position)
    answer["act"] = dict(entry.jws)
    answer["signer"] = str(entry.signer.method)
    proposal = registry.state.proposals.get(id_)
    if proposal is not None:
        framework = registry.index.framework_at(registry.state.size)
        count = proposal.counted(framework)
        answer["approved_by"] = [did.text for did in sorted(proposal.approving, key=str)]
        answer["needed"] = count.needed if count else None
        answer["lacking"] = dict(count.lacking) if count else {}
        answer["not_before"] = format_instant(proposal.waits_until(framework))
        answer["closes"] = format_instant(proposal.closes)
    return answer


def submission_json(submission: Submission) -> dict[str, Json]:
    """Write an act's receipt."""
    return {
        "id": submission.id,
        "index": submission.index,
        "status": submission.status.value,
        "recorded_at": format_instant(submission.recorded_at),
        "size": submission.size,
        "root": submission.root.hex(),
    }
