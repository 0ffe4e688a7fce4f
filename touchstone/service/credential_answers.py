"""Answers on a whole credential: the verdict, its reason, every check and every claim."""

from collections.abc import Sequence
from enum import StrEnum

import orjson

from credentials.checks import Check, Finding
from credentials.credential import Credential, CredentialClaim
from credentials.presenting import PresentationReport
from credentials.verify import Outcome as ReportOutcome
from credentials.verify import Report
from policies.decision import Decision, Outcome
from resolver.did import Did
from resolver.instant import format_instant
from touchstone.service.desk import Desk, Frame


class Verdict(StrEnum):
    """Why the whole came out as it did, where it is not for the reason of one of its claims."""

    AUTHORISED = "AUTHORISED"
    CREDENTIAL_FAILED = "CREDENTIAL_FAILED"
    CREDENTIAL_UNDETERMINED = "CREDENTIAL_UNDETERMINED"
    CLAIMS_UNPROTECTED = "CLAIMS_UNPROTECTED"
    NO_CLAIMS = "NO_CLAIMS"


_SENTENCES = {
    Verdict.AUTHORISED: "The credential verifies, and its issuer is authorised for every claim "
    "that it makes about another.",
    Verdict.CREDENTIAL_FAILED: "The credential does not verify: a check failed.",
    Verdict.CREDENTIAL_UNDETERMINED: "Nothing is known to be wrong with the credential, but "
    "something needed to verify it could not be read or is not understood.",
    Verdict.CLAIMS_UNPROTECTED: "The credential verifies, but what it claims depends on parts of "
    "its JSON that its proof, which signs a graph, does not protect.",
    Verdict.NO_CLAIMS: "The credential verifies, but makes no claim that is understood here, so "
    "nothing can be said about authority.",
}
_SELF_DECLARED = (
    "The credential verifies, and its issuer may issue it; all its claims are the issuer's word "
    "about itself."
)


def verdict_of(report: Report, judged: Sequence[Decision]) -> tuple[Outcome, Verdict | Decision]:
    """Judge the whole: good only where it verifies and every claim that counts is authorised.

    Returns:
        The outcome, and either why the whole came to it or the worst decision, which then says why.
    """
    if report.outcome is ReportOutcome.FAILED:
        return Outcome.NOT_AUTHORISED, Verdict.CREDENTIAL_FAILED
    worst = min(judged, key=lambda decision: decision.outcome, default=None)
    if worst is not None and worst.outcome is Outcome.NOT_AUTHORISED:
        return worst.outcome, worst
    if not report.verified:
        return Outcome.UNDETERMINED, Verdict.CREDENTIAL_UNDETERMINED
    if report.claims_left_out:
        return Outcome.UNDETERMINED, Verdict.CLAIMS_UNPROTECTED
    if worst is None:
        return Outcome.UNDETERMINED, Verdict.NO_CLAIMS
    if worst.outcome is Outcome.UNDETERMINED:
        return worst.outcome, worst
    return Outcome.AUTHORISED, Verdict.AUTHORISED


def _counting(decided: Sequence[tuple[CredentialClaim, Decision]]) -> list[Decision]:
    """Return the decisions that count: on attested claims, or on all where none is attested."""
    attested = [decision for claim, decision in decided if claim.attested]
    return attested or [decision for _, decision in decided]


def credential_answer(
    desk: Desk,
    report: Report,
    decided: Sequence[tuple[CredentialClaim, Decision]],
    frame: Frame,
) -> bytes:
    """Write the answer on a credential.

    Args:
        desk: knows names, and how decisions are written.
        report: what verifying it came to.
        decided: each claim, with the decision on it.
        frame: what is known, and the present.
    """
    outcome, why = verdict_of(report, _counting(decided))
    self_declared = bool(decided) and not any(claim.attested for claim, _ in decided)
    if isinstance(why, Decision):
        reason, message = why.reason.value, desk.answers.sentence(why)
    else:
        reason, message = why.value, _SENTENCES[why]
        if self_declared and why is Verdict.AUTHORISED:
            message = _SELF_DECLARED
    document: dict[str, object] = {
        "outcome": outcome.code,
        "reason": reason,
        "message": message,
        "self_declared_only": self_declared,
        "issued_by": _issued_by(desk, report.issuer, report.credential, frame),
        "credential": _described(report),
        "json_protected": report.json_protected,
        "unprotected": _unprotected(report),
        "checks": [_check(each) for each in report.checks],
        "claims": [_claim(desk, claim, decision) for claim, decision in decided],
        "evaluated_at": format_instant(frame.now),
        **_horizons(report, decided, frame),
    }
    if decided:
        document.update(desk.answers.foot(decided[0][1].framework, frame.knowledge))
    return orjson.dumps(document)


def presentation_answer(report: PresentationReport) -> bytes:
    """Write what verifying a presentation came to, and each credential in it; no authority."""
    holder = report.holder
    return orjson.dumps(
        {
            "outcome": report.outcome,
            "form": report.form,
            "holder": None if holder is None else holder.text,
            "checks": [_check(each) for each in report.checks],
            "credentials": [
                {
                    "outcome": each.outcome,
                    "issuer": None if each.issuer is None else each.issuer.text,
                    "credential": _described(each),
                    "unprotected": _unprotected(each),
                    "checks": [_check(one) for one in each.checks],
                }
                for each in report.credentials
            ],
        }
    )


def _unprotected(report: Report) -> list[dict[str, object]]:
    """Name the parts of the JSON that could be otherwise under the same signature."""
    found = report.protection.unprotected if report.protection else ()
    return [{"pointer": each.pointer, "reason": each.reason, "terms": each.terms} for each in found]


def _claim(desk: Desk, claim: CredentialClaim, decision: Decision) -> dict[str, object]:
    return {
        "text": claim.text,
        "pointer": claim.pointer,
        "attested": claim.attested,
        "action": claim.action,
        "decision": desk.answers.about_credential(decision),
    }


def _issued_by(
    desk: Desk, issuer: Did | None, credential: Credential | None, frame: Frame
) -> dict[str, object] | None:
    """Say who issued: the registry's name for it first, then what it calls itself."""
    if credential is None:
        return None
    known = (
        {"did": None, "name": None} if issuer is None else desk.answers.party(issuer, frame.known)
    )
    return {**known, "id": credential.issuer, "calls_itself": credential.issuer_name}


def _described(report: Report) -> dict[str, object] | None:
    credential = report.credential
    if credential is None:
        return None
    start, end = credential.valid_from, credential.valid_until
    return {
        "form": report.form,
        "verification": report.outcome,
        "id": credential.id,
        "types": credential.types,
        "valid_from": None if start is None else format_instant(start),
        "valid_until": None if end is None else format_instant(end),
        "keys": [{"did": key.did.text, "thumbprint": key.thumbprint} for key in report.keys],
    }


def _check(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "outcome": check.outcome,
        "message": check.message,
        "section": check.section,
        "inputs": dict(check.inputs),
        "problems": [_problem(each) for each in check.problems],
        "warnings": check.warnings,
        "took_us": check.took_us,
    }


def _problem(finding: Finding) -> dict[str, object]:
    return {
        "type": finding.type,
        "outcome": finding.outcome,
        "pointer": finding.pointer,
        "detail": finding.message,
    }


def _horizons(
    report: Report, decided: Sequence[tuple[CredentialClaim, Decision]], frame: Frame
) -> dict[str, object]:
    """Return until when the whole answer may be reused, and when it next changes by itself."""
    decisions = [decision for _, decision in decided]
    changes = [each.valid_until for each in decisions if each.valid_until is not None]
    fresh = [each.fresh_until for each in decisions]
    if report.credential is not None:
        window = (report.credential.valid_from, report.credential.valid_until)
        changes += [each for each in window if each is not None and each > frame.now]
    if report.fresh_until is not None:
        fresh.append(report.fresh_until)
    ends = [*fresh, *changes]
    return {
        "valid_until": format_instant(min(changes)) if changes else None,
        "fresh_until": format_instant(min(ends)) if ends else None,
    }
