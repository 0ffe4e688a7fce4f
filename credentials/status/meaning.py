"""What a value in a status list means for the credential."""

from credentials.checks import CheckOutcome, Finding
from credentials.status.entries import ListKind, StatusEntry
from resolver.instant import Instant, format_instant

_ADVERSE = {"revocation": "revoked", "suspension": "suspended"}
_OF_TOKENS = {1: "revoked", 2: "suspended"}
"""Status types of Token Status List that say so; the others are each application's own."""


def irreversible(entry: StatusEntry) -> bool:
    """Tell whether what an entry says can never be undone, so that unset now is unset before."""
    return entry.purpose == "revocation"


def judge(
    entry: StatusEntry, value: int, at: Instant | None = None, value_at: int | None = None
) -> Finding:
    """Say what an entry comes to.

    Args:
        entry: the entry.
        value: its value now.
        at: a past time asked about, or that of issuance.
        value_at: its value then, where it is known; what was adverse then counts as well.
    """
    if entry.kind is not ListKind.CLAIM and entry.purpose not in {*_ADVERSE, "refresh", "message"}:
        message = f"statusPurpose {entry.purpose} is not understood"
        return Finding(CheckOutcome.UNDETERMINED, message, entry.pointer)
    now = _judge(entry, value)
    if now.outcome is not CheckOutcome.PASSED or at is None or not value_at:
        return now
    then = _judge(entry, value_at)
    if then.outcome is CheckOutcome.PASSED:
        return now
    message = f"at {format_instant(at)}, though not now: {then.message}"
    return Finding(then.outcome, message, then.pointer)


def _judge(entry: StatusEntry, value: int) -> Finding:
    said = entry.messages.get(value)
    words = f" ({value:#x}: {said})" if said else f" ({value:#x})" if value > 1 else ""
    if entry.kind is ListKind.CLAIM:
        return _of_token(entry, value)
    if entry.purpose in _ADVERSE:
        adverse = _ADVERSE[entry.purpose]
        if value:
            return Finding(CheckOutcome.FAILED, f"the credential is {adverse}{words}")
        return Finding(CheckOutcome.PASSED, f"not {adverse}")
    if entry.purpose == "refresh":
        if value:
            message = "a newer credential is available"
            return Finding(CheckOutcome.PASSED, message, entry.pointer, warning=True)
        return Finding(CheckOutcome.PASSED, "there is no newer credential")
    if value:
        message = f"its issuer says of the credential{words or ' (0x1)'}; what that means is not"
        return Finding(CheckOutcome.UNDETERMINED, f"{message} understood here", entry.pointer)
    return Finding(CheckOutcome.PASSED, f"nothing is said of the credential{words}")


def _of_token(entry: StatusEntry, value: int) -> Finding:
    if not value:
        return Finding(CheckOutcome.PASSED, "the token is valid")
    if (adverse := _OF_TOKENS.get(value)) is not None:
        return Finding(CheckOutcome.FAILED, f"the token is {adverse}")
    message = f"the token has the status {value:#04x}, which is not understood"
    return Finding(CheckOutcome.UNDETERMINED, message, entry.pointer)
