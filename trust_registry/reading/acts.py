"""Acts, as readers see them: as they were signed, with their receipts, and what became of them."""

from resolver.instant import format_instant
from resolver.strict_json import Json
from trust_registry.errors import NotFoundError
from trust_registry.governance import Submission
from trust_registry.proposals import Proposal
from trust_registry.registry import Registry
from trust_registry.state import State


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
    answer["cosigners"] = [str(each.method) for each in entry.cosigners]
    proposal = registry.state.proposals.get(id_)
    if proposal is not None:
        answer |= _count_json(proposal, registry.state)
        answer["closes"] = format_instant(proposal.closes)
    appeal = registry.state.docket.appeals.get(id_)
    if appeal is not None:
        answer["decision"] = appeal.decision or None
    return answer


def _count_json(proposal: Proposal, state: State) -> dict[str, Json]:
    """Write how the votes on a pending act stand: under each quorum that it needs."""
    count = state.count(proposal)
    return {
        "approved_by": [did.text for did in sorted(proposal.approving, key=str)],
        "objected_by": [did.text for did in proposal.objections],
        "quorums": [
            {"approvals": each.approvals, "needed": each.needed, "lacking": dict(each.lacking)}
            for each in count.tallies
        ],
        "not_before": format_instant(count.waits_until),
    }


def submission_json(submission: Submission) -> dict[str, Json]:
    """Write an act's receipt."""
    signed = {"receipt": submission.receipt} if submission.receipt else {}
    return {
        **signed,
        "id": submission.id,
        "index": submission.index,
        "status": submission.status.value,
        "recorded_at": format_instant(submission.recorded_at),
        "size": submission.size,
        "root": submission.root.hex(),
    }
