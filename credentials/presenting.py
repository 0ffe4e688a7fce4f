"""Verifying a presentation: who presents, for whom, and each credential inside."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from credentials.checks import (
    Check,
    CheckId,
    CheckOutcome,
    Finding,
    PresentationCheckId,
    check,
    combine,
    findings_of,
    of_problems,
)
from credentials.document_checks import INLINE_CONTEXT, has_inline_context
from credentials.errors import MalformedCredentialError
from credentials.holding import NOTHING, Expected
from credentials.key_binding import HOLDER
from credentials.presentation import Presentation, PresentationForm, open_presentation
from credentials.proving import Proven, SignatureReading, prove
from credentials.validity import window_findings
from credentials.verifier import Verifier
from credentials.verify import Outcome, Report, verify
from policies.decision import SigningKey
from resolver.did import Did
from resolver.instant import Instant, format_instant
from resolver.strict_json import Json

_MAY_BE_SKIPPED = frozenset(
    {PresentationCheckId.CHALLENGE, PresentationCheckId.DOMAIN, PresentationCheckId.CREDENTIALS}
)


@dataclass(frozen=True, slots=True)
class PresentationReport:
    """What checking a presentation came to.

    Attributes:
        checks: the checks of the presentation itself; the last sums its credentials up.
        outcome: verified only where every check passed that applies, those of the credentials
            included.
        form: how it travelled, or None where no form was recognised.
        body: its document, believed only as far as the checks go.
        holder: who presents, or None.
        keys: the holder's keys that signed; empty unless a signature holds.
        signatures: how each signature of the presentation came out.
        credentials: the report on each credential, in their order.
    """

    checks: tuple[Check, ...]
    outcome: Outcome
    form: PresentationForm | None = None
    body: Mapping[str, Json] | None = None
    holder: Did | None = None
    keys: tuple[SigningKey, ...] = ()
    signatures: tuple[SignatureReading, ...] = ()
    credentials: tuple[Report, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether every check that applies passed."""
        return self.outcome is Outcome.VERIFIED

    def check(self, id_: str) -> Check:
        """Return the check with this id."""
        return next(check for check in self.checks if check.id == id_)


async def verify_presentation(
    raw: str | bytes | Json, verifier: Verifier, expected: Expected = NOTHING
) -> PresentationReport:
    """Check a presentation in any form, and every credential in it as `verify` does.

    Args:
        raw: as `open_presentation` takes it.
        verifier: by what it is judged; each credential has its own time.
        expected: what the presentation has to have been made for.
    """
    try:
        presentation = open_presentation(raw, verifier.limits)
    except MalformedCredentialError as error:
        finding = Finding(CheckOutcome.FAILED, str(error), error.pointer)
        return PresentationReport((combine(CheckId.ENVELOPE, [finding]),), Outcome.FAILED)
    whole = presentation.jws is not None or presentation.body
    proven = await _prove(presentation, verifier) if whole else None
    # An SD-JWT is presented as it is: its holder has to have signed it itself.
    own = NOTHING if whole else replace(expected, presented=True)
    reports = await asyncio.gather(
        *(
            verify(each, verifier, expected=own, depth=presentation.depth)
            for _, each in presentation.credentials[: verifier.limits.max_credentials]
        )
    )
    inside = _inside(presentation, reports)
    if proven is None:
        checks: tuple[Check, ...] = (_envelope(presentation), inside)
        return PresentationReport(
            checks, _outcome(checks), presentation.form, credentials=tuple(reports)
        )
    checks = (
        *_document(presentation),
        *proven.checks,
        _validity(presentation, verifier.now),
        *_meant(presentation, expected),
        inside,
    )
    return PresentationReport(
        checks,
        _outcome(checks),
        presentation.form,
        presentation.body,
        proven.issuer,
        proven.keys,
        proven.signatures,
        tuple(reports),
    )


async def _prove(presentation: Presentation, verifier: Verifier) -> Proven:
    most_s = verifier.limits.max_seconds
    try:
        async with asyncio.timeout(most_s):
            return await prove(presentation, verifier, HOLDER)
    except TimeoutError:
        message = f"not finished within {most_s:g} seconds"
        ids = (PresentationCheckId.HOLDER, CheckId.KEY_BINDING, CheckId.PROOF)
        late = tuple(check(id_, CheckOutcome.UNDETERMINED, message) for id_ in ids)
        return Proven(None, (), late)


def _envelope(presentation: Presentation) -> Check:
    good = f"a presentation in the form {presentation.form}"
    return of_problems(CheckId.ENVELOPE, presentation.problems, good)


def _document(presentation: Presentation) -> tuple[Check, ...]:
    problems = presentation.problems
    contexts = findings_of(CheckId.CONTEXT, problems)
    if has_inline_context(presentation.body):
        contexts.append(INLINE_CONTEXT)
    explained = Finding(CheckOutcome.PASSED, "its contexts are named by URL")
    return (
        _envelope(presentation),
        combine(CheckId.CONTEXT, contexts or [explained]),
        of_problems(CheckId.TYPE, problems, "it is a presentation"),
        of_problems(CheckId.STRUCTURE, problems, "its members are well formed"),
    )


def _validity(presentation: Presentation, now: Instant) -> Check:
    window = presentation.window
    shown = format_instant(now)
    findings = findings_of(CheckId.VALIDITY, window.problems)
    findings += window_findings("the signature", window.not_before, window.expires, now)
    findings.append(Finding(CheckOutcome.PASSED, f"valid at {shown}"))
    return combine(CheckId.VALIDITY, findings, {"now": shown})


def _meant(presentation: Presentation, expected: Expected) -> tuple[Check, Check]:
    """Check that every signature answers the challenge, and is for this verifier.

    A proof names exactly whom it is for (Data Integrity 1.0, 4.4); a JWT may name others as well
    (RFC 7519 section 4.1.3).
    """
    signed_whole = presentation.jws is not None
    challenges = [each.challenge == expected.challenge for each in presentation.meant]
    domains = [
        expected.domain in each.domains if signed_whole else each.domains == {expected.domain}
        for each in presentation.meant
    ]
    return (
        _all(PresentationCheckId.CHALLENGE, expected.challenge, challenges),
        _all(PresentationCheckId.DOMAIN, expected.domain, domains),
    )


def _all(id_: PresentationCheckId, expected: str | None, met: list[bool]) -> Check:
    if expected is None:
        return check(id_, CheckOutcome.SKIPPED, f"nobody said which {id_} to expect")
    if not met:
        return check(id_, CheckOutcome.SKIPPED, "there is no signature that could be made for it")
    if all(met):
        return check(
            id_, CheckOutcome.PASSED, f"made for the expected {id_}", {id_.value: expected}
        )
    message = f"a signature was not made for the expected {id_}"
    return check(id_, CheckOutcome.FAILED, message, {id_.value: expected})


def _inside(presentation: Presentation, reports: Sequence[Report]) -> Check:
    """Sum the credentials up: each problem stands in its own report."""
    outcomes = {
        Outcome.VERIFIED: CheckOutcome.PASSED,
        Outcome.FAILED: CheckOutcome.FAILED,
        Outcome.UNDETERMINED: CheckOutcome.UNDETERMINED,
    }
    findings = [
        Finding(outcomes[report.outcome], f"the credential is {report.outcome}", pointer)
        for (pointer, _), report in zip(presentation.credentials, reports, strict=False)
    ]
    if len(reports) < len(presentation.credentials):
        message = f"{len(presentation.credentials)} credentials, at most {len(reports)} are read"
        findings.append(Finding(CheckOutcome.FAILED, message, "/verifiableCredential"))
    if not findings:
        findings.append(Finding(CheckOutcome.SKIPPED, "it holds no credential"))
    return combine(PresentationCheckId.CREDENTIALS, findings)


def _outcome(checks: tuple[Check, ...]) -> Outcome:
    outcomes = {each.outcome for each in checks}
    if CheckOutcome.FAILED in outcomes:
        return Outcome.FAILED
    missing = any(
        each.outcome is CheckOutcome.SKIPPED and each.id not in _MAY_BE_SKIPPED for each in checks
    )
    if CheckOutcome.UNDETERMINED in outcomes or missing:
        return Outcome.UNDETERMINED
    return Outcome.VERIFIED
