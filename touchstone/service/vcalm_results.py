"""Verification results in the members that W3C VCALM has for them, and in no others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from credentials.checks import Check, CheckId, CheckOutcome, Finding, PresentationCheckId
from credentials.credential import Credential, DataModel
from credentials.holding import Expected
from credentials.presenting import PresentationReport
from credentials.proving import SignatureReading
from credentials.values import entries
from credentials.verify import Report
from resolver.instant import Instant
from resolver.strict_json import Json

_UNNAMED = "/problems/credential-check"
"""The type of what no W3C specification has a name for, such as that a credential has expired."""
_VERIFICATION = frozenset(
    {
        CheckId.ENVELOPE, CheckId.CONTEXT, CheckId.TYPE, CheckId.STRUCTURE, CheckId.ISSUER,
        CheckId.KEY_BINDING, CheckId.PROOF, CheckId.HOLDER_BINDING, CheckId.RESOURCES,
        PresentationCheckId.HOLDER, PresentationCheckId.CHALLENGE, PresentationCheckId.DOMAIN,
    }
)  # fmt: skip
"""The checks of cryptography and data model; the others are about what may change."""
_CRYPTOGRAPHY = frozenset({CheckId.KEY_BINDING, CheckId.PROOF})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which optional members an answer has.

    Attributes:
        results: whether each step's result.
        problem_details: whether what is wrong, and the warnings.
        document: whether what was verified.
    """

    results: bool
    problem_details: bool
    document: bool


def has_errors(checks: Iterable[Check]) -> bool:
    """Whether cryptography or data model fail; what is out of date or revoked is no such error.

    A proof that could not be verified, for whatever reason, is none.
    """
    return any(
        (each.outcome is CheckOutcome.FAILED and each.id in _VERIFICATION)
        or (each.outcome is CheckOutcome.UNDETERMINED and each.id in _CRYPTOGRAPHY)
        or (each.id == CheckId.VALIDITY and any(p.type is not None for p in each.problems))
        for each in checks
    )


def presentation_has_errors(report: PresentationReport) -> bool:
    """As `has_errors`, of a presentation or any credential in it."""
    inside = (has_errors(each.checks) for each in report.credentials)
    return has_errors(report.checks) or any(inside) or _has_too_many(report)


def _has_too_many(report: PresentationReport) -> bool:
    summed = report.checks[-1]
    failed = sum(not each.verified for each in report.credentials)
    return summed.id == PresentationCheckId.CREDENTIALS and len(summed.problems) > failed


def credential_result(
    report: Report, given: Mapping[str, Json], now: Instant, wanted: Wanted
) -> dict[str, object]:
    """Write the result on one credential (VCALM, VerifyCredentialResult)."""
    result: dict[str, object] = {"verified": report.verified}
    if wanted.document:
        result["credential"] = given
    if wanted.problem_details:
        result["problemDetails"] = list(_problem_details(report.checks))
    if wanted.results:
        result["results"] = _credential_steps(report, now)
    return result


def presentation_result(
    report: PresentationReport,
    given: Mapping[str, Json],
    expected: Expected,
    now: Instant,
    wanted: Wanted,
) -> dict[str, object]:
    """Write the result on a presentation (VCALM, VerifyPresentationResult)."""
    result: dict[str, object] = {"verified": report.verified}
    if wanted.document:
        result["verifiablePresentation"] = given
    if wanted.problem_details:
        result["problemDetails"] = list(_problem_details(report.checks))
    if wanted.results:
        inside = Wanted(results=True, problem_details=wanted.problem_details, document=False)
        result["results"] = {
            "presentation": _presentation_steps(report, expected),
            "credentials": [
                credential_result(each, {}, now, inside) for each in report.credentials
            ],
        }
    return result


def _problem_details(checks: Iterable[Check]) -> Iterator[dict[str, str]]:
    for each in checks:
        yield from (_detail(each.id, finding) for finding in each.problems)
        for warning in each.warnings:
            yield {"type": _UNNAMED, "title": f"{each.id}: warning", "detail": warning}


def _detail(check: str, finding: Finding) -> dict[str, str]:
    if finding.type is None:
        title = f"{check}: {finding.outcome}"
        return {"type": _UNNAMED, "title": title, "detail": finding.text}
    return {"type": finding.type, "title": finding.type.short, "detail": finding.text}


def _credential_steps(report: Report, now: Instant) -> dict[str, object]:
    steps: dict[str, object] = {}
    credential = report.credential
    if credential is not None:
        steps.update(_period(credential, now))
        steps["credentialSchema"] = _schemas(credential, report.check(CheckId.SCHEMA))
        steps["credentialStatus"] = [
            {
                **({} if reading.value is None else {"value": reading.value}),
                "verified": reading.finding.outcome is CheckOutcome.PASSED,
                "input": _at(credential.body, reading.entry.pointer),
            }
            for reading in report.statuses
        ]
    steps["proof"] = _proofs(report.signatures)
    return steps


def _period(credential: Credential, now: Instant) -> Iterator[tuple[str, object]]:
    start, end = credential.valid_from, credential.valid_until
    old = credential.model is DataModel.VCDM_1_1
    for member, name, holds in (
        ("validFrom", "issuanceDate", start is not None and now >= start),
        ("validUntil", "expirationDate", end is not None and now < end),
    ):
        value = credential.body.get(name if old else member)
        if isinstance(value, str):
            yield member, {"verified": holds, "input": value}


def _schemas(credential: Credential, checked: Check) -> list[dict[str, object]]:
    """Say of each schema whether the credential was held against it, and fits."""
    fits = checked.outcome is CheckOutcome.PASSED and not checked.warnings
    named = entries(credential.body.get("credentialSchema", []))
    return [
        {"verified": fits and f"schema/credentialSchema{pointer}" in checked.inputs, "input": each}
        for pointer, each in named
    ]


def _at(body: Mapping[str, Json], pointer: str) -> Json:
    """Return what stands at a pointer that was made while reading the body."""
    found: Json = {**body}
    for part in pointer.split("/")[1:]:
        if isinstance(found, list):
            found = found[int(part)]
        elif isinstance(found, dict):
            found = found[part]
    return found


def _proofs(signatures: Sequence[SignatureReading]) -> list[dict[str, object]]:
    return [
        {"verified": each.finding.outcome is CheckOutcome.PASSED, "input": dict(each.proof)}
        for each in signatures
    ]


def _presentation_steps(report: PresentationReport, expected: Expected) -> dict[str, object]:
    outcomes = {each.id: each.outcome for each in report.checks}

    def step(id_: str, value: str) -> dict[str, object]:
        return {"verified": outcomes.get(id_) is CheckOutcome.PASSED, "input": value}

    steps: dict[str, object] = {}
    if expected.challenge is not None:
        steps["challenge"] = step(PresentationCheckId.CHALLENGE, expected.challenge)
    if expected.domain is not None:
        steps["domain"] = step(PresentationCheckId.DOMAIN, expected.domain)
    if report.holder is not None:
        bound = outcomes.get(CheckId.KEY_BINDING) is CheckOutcome.PASSED
        steps["holder"] = {"verified": bound and bool(report.keys), "input": report.holder.text}
    steps["proof"] = [
        {**each, "problemDetails": [] if each["verified"] else [_detail("proof", reading.finding)]}
        for each, reading in zip(_proofs(report.signatures), report.signatures, strict=True)
    ]
    return steps
