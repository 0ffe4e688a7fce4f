"""Checks: what was tested, how it came out, and why, as a verifier reads it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from credentials.credential import Problem
from credentials.problem_types import ProblemType


class CheckOutcome(StrEnum):
    """How one check came out.

    `skipped` means that the check does not apply, or that an earlier failure left nothing to
    check. `undetermined` means that something needed could not be read or is not understood.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDETERMINED = "undetermined"

    __hash__ = str.__hash__  # an enumeration's own is ten times as slow


class CheckId(StrEnum):
    """The checks, in the order in which they are reported."""

    ENVELOPE = "envelope"
    CONTEXT = "context"
    TYPE = "type"
    STRUCTURE = "structure"
    ISSUER = "issuer"
    KEY_BINDING = "key_binding"
    PROOF = "proof"
    HOLDER_BINDING = "holder_binding"
    VALIDITY = "validity"
    STATUS = "status"
    RESOURCES = "related_resources"
    SCHEMA = "schema"
    UNTP = "untp"

    __hash__ = str.__hash__  # as above


class PresentationCheckId(StrEnum):
    """The checks of a presentation beside those that it shares with credentials."""

    HOLDER = "holder"
    CHALLENGE = "challenge"
    DOMAIN = "domain"
    CREDENTIALS = "credentials"


SECTIONS: Mapping[str, str] = {
    CheckId.ENVELOPE: "VC-JOSE-COSE 3.1.1; VCDM 2.0 section 4.13",
    CheckId.CONTEXT: "VCDM 2.0 section 4.3",
    CheckId.TYPE: "VCDM 2.0 section 4.5",
    CheckId.STRUCTURE: "VCDM 2.0 section 4",
    CheckId.ISSUER: "VCDM 2.0 section 4.7; UNTP Verifiable Credentials",
    CheckId.KEY_BINDING: "Controlled Identifiers 1.0 section 3.3; VC-JOSE-COSE 4.1",
    CheckId.PROOF: "RFC 7515 section 5.2; Data Integrity 1.0 section 4.4",
    CheckId.HOLDER_BINDING: "RFC 9901 section 7.3",
    CheckId.VALIDITY: "VCDM 2.0 section 4.9",
    CheckId.STATUS: "Bitstring Status List 1.0 section 3.2",
    CheckId.RESOURCES: "VCDM 2.0 section 5.3",
    CheckId.SCHEMA: "VCDM 2.0 section 4.11; VC JSON Schema section 3",
    CheckId.UNTP: "UNTP 0.5 to 0.7 schemas",
    PresentationCheckId.HOLDER: "VCDM 2.0 section 4.13",
    PresentationCheckId.CHALLENGE: "Data Integrity 1.0 section 4.4; RFC 9901 section 7.3",
    PresentationCheckId.DOMAIN: "Data Integrity 1.0 section 4.4; RFC 9901 section 7.3",
    PresentationCheckId.CREDENTIALS: "VCDM 2.0 section 4.13",
}
"""Where each check is written down."""

_TYPES: Mapping[str, ProblemType] = {
    CheckId.ENVELOPE: ProblemType.PARSING,
    CheckId.CONTEXT: ProblemType.MALFORMED_VALUE,
    CheckId.TYPE: ProblemType.MALFORMED_VALUE,
    CheckId.STRUCTURE: ProblemType.MALFORMED_VALUE,
    CheckId.ISSUER: ProblemType.MALFORMED_VALUE,
    CheckId.KEY_BINDING: ProblemType.CRYPTOGRAPHIC_SECURITY,
    CheckId.PROOF: ProblemType.CRYPTOGRAPHIC_SECURITY,
    CheckId.HOLDER_BINDING: ProblemType.CRYPTOGRAPHIC_SECURITY,
    CheckId.RESOURCES: ProblemType.MALFORMED_VALUE,
    PresentationCheckId.HOLDER: ProblemType.MALFORMED_VALUE,
    PresentationCheckId.CHALLENGE: ProblemType.INVALID_CHALLENGE,
    PresentationCheckId.DOMAIN: ProblemType.INVALID_DOMAIN,
}
"""What a failure is called where its finding has no better name. No specification names an expired
or a revoked credential."""

_MAX_MESSAGE = 2000
_MAX_INPUT = 4096
_MAX_PROBLEMS = 50
# Characters. What a report repeats is hostile; a DID has at most 4096 characters.

_WORST_FIRST = (
    CheckOutcome.FAILED,
    CheckOutcome.UNDETERMINED,
    CheckOutcome.PASSED,
    CheckOutcome.SKIPPED,
)
_PROBLEMATIC = _WORST_FIRST[:2]
_NO_INPUTS: Mapping[str, str] = MappingProxyType({})


class Finding(NamedTuple):
    """How one part of a check came out, such as one of several proofs.

    Attributes:
        outcome: how it came out.
        message: why, in one plain sentence.
        pointer: JSON pointer (RFC 6901) to the part of the document; empty for none in particular.
        type: the problem's type; None where no specification has one, or for the check's own.
        warning: whether it is worth knowing though nothing is wrong by it.
    """

    outcome: CheckOutcome
    message: str
    pointer: str = ""
    type: ProblemType | None = None
    warning: bool = False

    @property
    def text(self) -> str:
        """The message, with where it belongs."""
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class Check(NamedTuple):
    """One named check.

    Attributes:
        id: a `CheckId` or `PresentationCheckId`, stable.
        outcome: how it came out.
        message: why, in plain sentences; every problem, not only the first.
        section: the part of the specification that asks for it.
        inputs: what it looked at, for the reader: identifiers, times, digests.
        problems: everything found that kept it from passing.
        warnings: what is worth knowing though nothing is wrong by it.
        took_us: microseconds of the step that made it; checks that one step makes share its time.
    """

    id: str
    outcome: CheckOutcome
    message: str
    section: str
    inputs: Mapping[str, str] = _NO_INPUTS
    problems: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    took_us: int = 0


def check(
    id_: str, outcome: CheckOutcome, message: str, inputs: Mapping[str, str] | None = None
) -> Check:
    """Make a check out of one finding."""
    return combine(id_, (Finding(outcome, message),), inputs)


def combine(
    id_: str, findings: Iterable[Finding], inputs: Mapping[str, str] | None = None
) -> Check:
    """Make one check of its parts: the worst outcome, with the messages of all that share it.

    Warnings stand apart. Without any finding the check is skipped: there was nothing to look at.
    """
    found = [_bounded(id_, finding) for finding in findings]
    outcomes = [finding.outcome for finding in found]
    outcome = min(outcomes, key=_WORST_FIRST.index, default=CheckOutcome.SKIPPED)
    told: dict[str, None] = {}
    warned: dict[str, None] = {}
    problems: list[Finding] = []
    for finding in found:
        if finding.warning:
            warned[finding.text] = None
        elif finding.outcome is outcome:
            told[finding.text] = None
        if finding.outcome in _PROBLEMATIC:
            problems.append(finding)
    texts = told or dict.fromkeys(each.text for each in found if each.outcome is outcome)
    return Check(
        id_,
        outcome,
        _shortened("; ".join(texts), _MAX_MESSAGE),
        SECTIONS[id_],
        {name: _shortened(value, _MAX_INPUT) for name, value in inputs.items()} if inputs else {},
        tuple(problems[:_MAX_PROBLEMS]),
        tuple(warned)[:_MAX_PROBLEMS],
    )


def _bounded(id_: str, finding: Finding) -> Finding:
    """Cut what may repeat hostile input; give what failed its check's own type where none is."""
    type_ = finding.type
    if type_ is None and finding.outcome is CheckOutcome.FAILED:
        type_ = _TYPES.get(id_)
    longest = max(len(finding.message), len(finding.pointer))
    if type_ is finding.type and longest <= _MAX_MESSAGE:
        return finding
    return finding._replace(
        message=_shortened(finding.message, _MAX_MESSAGE),
        pointer=_shortened(finding.pointer, _MAX_MESSAGE),
        type=type_,
    )


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def findings_of(id_: str, problems: Iterable[Problem]) -> list[Finding]:
    """Return what is wrong by the problems that carry a check's id."""
    type_ = _TYPES.get(id_, ProblemType.MALFORMED_VALUE)
    return [
        Finding(CheckOutcome.FAILED, problem.message, problem.pointer, problem.type or type_)
        for problem in problems
        if problem.check == id_
    ]


def of_problems(
    id_: str,
    problems: Iterable[Problem],
    good: str,
    inputs: Mapping[str, str] | None = None,
) -> Check:
    """Make the check that fails by the problems that carry its id, and passes without any."""
    passed = Finding(CheckOutcome.PASSED, good)
    return combine(id_, findings_of(id_, problems) or [passed], inputs)
