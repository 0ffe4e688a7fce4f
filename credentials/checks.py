"""Checks: what was tested, how it came out, and why, as a verifier reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from credentials.credential import Problem


class CheckOutcome(StrEnum):
    """How one check came out.

    `skipped` means that the check does not apply, or that an earlier failure left nothing to
    check. `undetermined` means that something needed could not be read or is not understood.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDETERMINED = "undetermined"


class CheckId(StrEnum):
    """The checks, in the order in which they are reported."""

    ENVELOPE = "envelope"
    CONTEXT = "context"
    TYPE = "type"
    STRUCTURE = "structure"
    ISSUER = "issuer"
    KEY_BINDING = "key_binding"
    PROOF = "proof"
    VALIDITY = "validity"
    STATUS = "status"
    UNTP = "untp"


SECTIONS = {
    CheckId.ENVELOPE: "VC-JOSE-COSE 3.1.1; VCDM 2.0 section 4.13",
    CheckId.CONTEXT: "VCDM 2.0 section 4.3",
    CheckId.TYPE: "VCDM 2.0 section 4.5",
    CheckId.STRUCTURE: "VCDM 2.0 section 4",
    CheckId.ISSUER: "VCDM 2.0 section 4.7; UNTP Verifiable Credentials",
    CheckId.KEY_BINDING: "Controlled Identifiers 1.0 section 3.3; VC-JOSE-COSE 4.1",
    CheckId.PROOF: "RFC 7515 section 5.2; Data Integrity 1.0 section 4.4",
    CheckId.VALIDITY: "VCDM 2.0 section 4.9",
    CheckId.STATUS: "Bitstring Status List 1.0 section 3.2",
    CheckId.UNTP: "UNTP 0.5 to 0.7 schemas",
}
"""Where each check is written down."""

_MAX_MESSAGE = 2000
_MAX_INPUT = 4096
# Characters. What a report repeats is hostile; a DID has at most 4096 characters.

_WORST_FIRST = (
    CheckOutcome.FAILED,
    CheckOutcome.UNDETERMINED,
    CheckOutcome.PASSED,
    CheckOutcome.SKIPPED,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One named check.

    Attributes:
        id: a `CheckId`, stable.
        outcome: how it came out.
        message: why, in plain sentences; every problem, not only the first.
        section: the part of the specification that asks for it.
        inputs: what it looked at, for the reader: identifiers, times, digests.
    """

    id: CheckId
    outcome: CheckOutcome
    message: str
    section: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part of a check came out, such as one of several proofs."""

    outcome: CheckOutcome
    message: str


def check(
    id_: CheckId, outcome: CheckOutcome, message: str, inputs: Mapping[str, str] | None = None
) -> Check:
    """Make a check, with its section filled in and what it repeats of its input kept short."""
    shown = {name: _shortened(value, _MAX_INPUT) for name, value in (inputs or {}).items()}
    return Check(id_, outcome, _shortened(message, _MAX_MESSAGE), SECTIONS[id_], shown)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def combine(
    id_: CheckId, findings: Iterable[Finding], inputs: Mapping[str, str] | None = None
) -> Check:
    """Make one check of its parts: the worst outcome, with the messages of all that share it.

    Without any finding the check is skipped: there was nothing to look at.
    """
    found = tuple(findings)
    outcomes = {finding.outcome for finding in found}
    outcome = next((o for o in _WORST_FIRST if o in outcomes), CheckOutcome.SKIPPED)
    messages = dict.fromkeys(f.message for f in found if f.outcome is outcome)
    return check(id_, outcome, "; ".join(messages), inputs)


def of_problems(
    id_: CheckId,
    problems: Iterable[Problem],
    good: str,
    inputs: Mapping[str, str] | None = None,
) -> Check:
    """Make the check that fails by the problems that carry its id, and passes without any."""
    mine = [
        f"{problem.pointer or 'the whole'}: {problem.message}"
        for problem in problems
        if problem.check == id_
    ]
    if mine:
        return check(id_, CheckOutcome.FAILED, "; ".join(mine), inputs)
    return check(id_, CheckOutcome.PASSED, good, inputs)
