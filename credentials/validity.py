"""Validity: whether a credential, and the signature around it, hold at an instant."""

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine, findings_of
from credentials.credential import DataModel
from credentials.envelope import Envelope
from credentials.problem_types import ProblemType
from resolver.instant import Instant, format_instant

_UNTP_NOTE = "no validFrom: VCDM 2.0 leaves it out at will, UNTP requires it"


def check_validity(envelope: Envelope, now: Instant) -> Check:
    """Check `validFrom`, `validUntil` and the signature's own window (VCDM 2.0 section 4.9).

    A period is half-open: at `validUntil` the credential has ceased to be valid. There is no
    tolerance for clocks: an issuer whose clock runs ahead is asked to wait, never believed.
    """
    credential = envelope.credential
    inputs = {"now": format_instant(now)}
    findings = findings_of(CheckId.VALIDITY, envelope.problems)
    findings += window_findings(
        "the credential", credential.valid_from, credential.valid_until, now
    )
    findings += window_findings("the signature", envelope.not_before, envelope.expires, now)
    for name, instant in (
        ("validFrom", credential.valid_from),
        ("validUntil", credential.valid_until),
        ("nbf", envelope.not_before),
        ("exp", envelope.expires),
    ):
        if instant is not None:
            inputs[name] = format_instant(instant)
    if credential.model is DataModel.VCDM_2 and "validFrom" not in credential.body:
        findings.append(Finding(CheckOutcome.PASSED, _UNTP_NOTE, warning=True))
    findings.append(Finding(CheckOutcome.PASSED, f"valid at {inputs['now']}"))
    return combine(CheckId.VALIDITY, findings, inputs)


def window_findings(
    what: str, start: Instant | None, end: Instant | None, now: Instant
) -> list[Finding]:
    """Return what keeps something from holding now, by its start and end."""
    findings = []
    if start is not None and now < start:
        findings.append(_failed(f"{what} is not valid before {format_instant(start)}"))
    if end is not None and now >= end:
        findings.append(_failed(f"{what} expired at {format_instant(end)}"))
    if start is not None and end is not None and end < start:
        message = f"{what} ends before it begins"
        findings.append(Finding(CheckOutcome.FAILED, message, type=ProblemType.RANGE))
    return findings


def _failed(message: str) -> Finding:
    return Finding(CheckOutcome.FAILED, message)
