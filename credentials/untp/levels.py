"""Closed code lists of an attestation: who assessed it, and on what authority."""

from credentials.untp.node import Node

SELF = "self"
_ASSESSORS = frozenset(
    {SELF, "commercial", "buyer", "membership", "unspecified", "3rdparty", "hybrid"}
)
_LEVELS = frozenset(
    {
        "authority-benchmark",
        "authority-mandate",
        "authority-globalmra",
        "authority-peer",
        "authority-extended-mra",
        "scheme-self",
        "scheme-cab",
        "no-endorsement",
    }
)
_SAME_MEANING = {
    "govtapproval": "authority-mandate",
    "globalmra": "authority-globalmra",
    "unspecified": "no-endorsement",
}
"""Codes of 0.5 and 0.6 whose definition is that of a code of 0.7."""
_ONLY_OLDER = frozenset({"accredited", "verified", "validated"})
"""Codes of 0.5 and 0.6 without a counterpart: "accredited" may lie outside any mutual recognition
arrangement, so that it is less than `authority-globalmra`."""


def assessment_level(subject: Node) -> str:
    """Read `assessmentLevel`, by the names that 0.7 has for it."""
    code = subject.needed_text("assessmentLevel").lower()
    code = _SAME_MEANING.get(code, code)
    if code not in _LEVELS | _ONLY_OLDER:
        raise subject.wrong("assessmentLevel", "not an assessment level of any version")
    return code


def assessor_level(subject: Node) -> str:
    """Read `assessorLevel`, in lower case."""
    code = subject.needed_text("assessorLevel").lower()
    if code not in _ASSESSORS:
        raise subject.wrong("assessorLevel", "not an assessor level of any version")
    return code
