"""The whole state as bytes: whoever folds the same entries gets the same, to the last one."""

from dataclasses import asdict
from hashlib import sha256

from resolver.jcs import canonicalise
from resolver.strict_json import Json
from trust_registry.docket import Docket
from trust_registry.proposals import Proposal
from trust_registry.snapshot.snapshot import Snapshot
from trust_registry.state import State


def state_bytes(state: State, root: bytes) -> bytes:
    """Write a state out: what decisions look at, and what governance remembers. It blocks.

    Args:
        state: the fold of a journal.
        root: the journal's root.

    Raises:
        LookupError: the state is that of an empty journal.
    """
    recorded_at = state.framework.recorded.at
    snapshot = Snapshot(
        state.origin, state.genesis, state.size, root, recorded_at, state.index
    ).to_bytes()
    written: dict[str, Json] = {
        "allowances": state.allowances.written(),
        "docket": _docket(state.docket),
        "recordings": [asdict(each) for each in state.recordings()],
        "snapshot": sha256(snapshot).hexdigest(),
    }
    return canonicalise(written) + b"\n" + snapshot


def state_digest(state: State, root: bytes) -> str:
    """SHA-256 of a state's bytes, in hex. It blocks."""
    return sha256(state_bytes(state, root)).hexdigest()


def _docket(docket: Docket) -> dict[str, Json]:
    return {
        "proposals": {id_: _proposal(each) for id_, each in docket.proposals.items()},
        "appeals": {id_: asdict(each) for id_, each in docket.appeals.items()},
        "makers": {str(change): str(maker) for change, maker in docket.makers.items()},
        "lifted": [*sorted(docket.lifted)],
        "prolonged": {str(first): str(more) for first, more in docket.prolonged.items()},
        "names": {f"{kind} {name}": party for (kind, name), party in docket.names.items()},
        "emergencies": {statement: [*ids] for statement, ids in docket.emergencies.items()},
        "applications": [*sorted(docket.applications)],
    }


def _proposal(proposal: Proposal) -> Json:
    """Write a proposal; what it proposes is the act of its id."""
    return {
        "position": proposal.position,
        "abstaining": [*sorted(proposal.abstaining)],
        "authority": proposal.authority,
        "closes": proposal.closes,
        "emergency": proposal.emergency,
        "application": proposal.application,
        "votes": {did.text: approves for did, approves in proposal.votes.items()},
        "objections": [did.text for did in proposal.objections],
        "status": proposal.status.value,
    }
