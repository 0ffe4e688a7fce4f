"""Whose word a status list is."""

from credentials.checks import CheckId, CheckOutcome, of_problems
from credentials.proving import prove
from credentials.sources import DocumentSource
from credentials.status.errors import StatusListError
from credentials.status.keeping import Held, Vouched
from credentials.status.lists import StatusList
from credentials.validity import check_validity
from credentials.verifier import Verifier
from resolver.did import Did
from resolver.errors import InvalidDidError, ResolutionError
from resolver.instant import Instant, format_instant

_OF_THE_DOCUMENT = (CheckId.ENVELOPE, CheckId.CONTEXT, CheckId.TYPE, CheckId.STRUCTURE)


async def vouch(held: Held, verifier: Verifier) -> Vouched:
    """Verify a list as any credential is verified, and say whose word it is.

    What a signature came to is kept for as long as the issuer's DID document is the same. A list's
    own status is not asked for: a list that points to another list ends there.

    Raises:
        StatusListError: it does not hold, or is not valid now.
    """
    _hold(held.list, verifier.now)
    digest = await _document_of(held.list, verifier.documents)
    if held.vouched is not None and held.vouched.document == digest:
        return held.vouched
    proven = await prove(held.list.envelope, verifier)
    for check in proven.checks:
        if check.outcome is not CheckOutcome.PASSED:
            raise StatusListError(f"its own check {check.id} {check.outcome}: {check.message}")
    if proven.issuer is None or not proven.keys:
        raise StatusListError("has no issuer")
    vouched = Vouched(proven.issuer, proven.keys[0], digest or "")
    if digest is not None:
        held.vouched = vouched
    return vouched


def _hold(listed: StatusList, now: Instant) -> None:
    """Refuse a list that is not well formed or not valid; proofs may end before it does."""
    envelope = listed.envelope
    wrong = {problem.check for problem in envelope.problems}
    document = (of_problems(id_, envelope.problems, "") for id_ in _OF_THE_DOCUMENT if id_ in wrong)
    for check in (*document, check_validity(envelope, now)):
        if check.outcome is not CheckOutcome.PASSED:
            raise StatusListError(f"its own check {check.id} {check.outcome}: {check.message}")
    if listed.until is not None and now >= listed.until:
        raise StatusListError(f"has a proof that expired at {format_instant(listed.until)}")


async def _document_of(listed: StatusList, documents: DocumentSource) -> str | None:
    """Return the digest of its issuer's DID document; None leaves it to the proof to say why."""
    try:
        return (await documents.document(Did.parse(listed.envelope.signer))).digest
    except (InvalidDidError, ResolutionError):
        return None
