"""Verifying one credential: a list of named checks, all problems at once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from credentials.checks import Check, CheckId, CheckOutcome, Finding, check, combine
from credentials.credential import Credential, CredentialClaim
from credentials.document_checks import document_checks
from credentials.envelope import Form, open_envelope
from credentials.errors import MalformedCredentialError
from credentials.holding import NOTHING, Expected, check_holder_binding
from credentials.proving import Proven, SignatureReading, prove
from credentials.rdf.signed import Protection
from credentials.reading import read_credential
from credentials.resources import check_resources
from credentials.schemas.checking import check_schemas
from credentials.sources import Limits
from credentials.status.checking import StatusReading, check_status
from credentials.untp import InvalidUntpError, Kind, UnsupportedUntpError, parse_untp
from credentials.validity import check_validity
from credentials.verifier import Verifier
from policies.decision import SigningKey
from resolver.clock import Stopwatch
from resolver.did import Did
from resolver.instant import Instant
from resolver.strict_json import Json

_MAY_BE_SKIPPED = frozenset(
    {
        CheckId.CONTEXT,
        CheckId.HOLDER_BINDING,
        CheckId.RESOURCES,
        CheckId.STATUS,
        CheckId.SCHEMA,
        CheckId.UNTP,
    }
)


class Outcome(StrEnum):
    """What a report comes to.

    `failed`: something is wrong. `undetermined`: nothing is known to be wrong, but something
    needed could not be read or is not understood; never to be treated as verified.
    """

    VERIFIED = "verified"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a credential came to.

    Attributes:
        checks: every check, in the order of `CheckId`.
        outcome: verified only where every check passed that applies.
        form: how the credential travelled, or None where no form was recognised.
        credential: its document, believed only as far as the checks go; None likewise.
        issuer: the issuer's DID, or None.
        keys: the issuer's keys that signed; empty unless a signature holds.
        signatures: how each signature came out.
        claims: what it claims, where it is a UNTP credential that could be read.
        statuses: what each status entry said at the time of checking.
        fresh_until: until when the status lists may be relied on, or None where none says so.
        protection: what of the JSON is protected, where only its graph is signed; else None.
        claims_left_out: how many claims depend on what of the JSON is not protected.
    """

    checks: tuple[Check, ...]
    outcome: Outcome
    form: Form | None = None
    credential: Credential | None = None
    issuer: Did | None = None
    keys: tuple[SigningKey, ...] = ()
    signatures: tuple[SignatureReading, ...] = ()
    claims: tuple[CredentialClaim, ...] = ()
    statuses: tuple[StatusReading, ...] = ()
    fresh_until: Instant | None = None
    protection: Protection | None = None
    claims_left_out: int = 0

    @property
    def json_protected(self) -> bool | None:
        """Whether all of the JSON is protected by a signature that holds; None without one."""
        if not self.keys:
            return None
        return self.protection is None or not self.protection.unprotected

    @property
    def verified(self) -> bool:
        """Whether every check that applies passed."""
        return self.outcome is Outcome.VERIFIED

    @property
    def key(self) -> SigningKey | None:
        """The key that signed: of the envelope where there is one, else of the first proof."""
        return self.keys[0] if self.keys else None

    def check(self, id_: CheckId | str) -> Check:
        """Return the check with this id."""
        return next(check for check in self.checks if check.id == id_)


async def verify(
    raw: str | bytes | Json, verifier: Verifier, *, expected: Expected = NOTHING, depth: int = 0
) -> Report:
    """Check a credential in any form; a bad one is a report with failed checks, never an error.

    Args:
        raw: as `open_envelope` takes it.
        verifier: by what it is judged.
        expected: what an SD-JWT's key binding has to have been made for.
        depth: how many `data:` URIs it lies in already.
    """
    watch, limits = Stopwatch(), verifier.limits
    deadline = asyncio.get_running_loop().time() + limits.max_seconds
    try:
        envelope = open_envelope(raw, limits, depth=depth)
    except MalformedCredentialError as error:
        return _refused(error)
    document = _timed(document_checks(envelope), watch)
    try:
        async with asyncio.timeout_at(deadline):
            proven = await prove(envelope, verifier)
    except TimeoutError:
        ids = (CheckId.ISSUER, CheckId.KEY_BINDING, CheckId.PROOF)
        proven = Proven(None, (), tuple(_unfinished(id_, limits) for id_ in ids))
    signed = _timed(proven.checks, watch)
    proved = all(each.outcome is CheckOutcome.PASSED for each in proven.checks)
    standing: Check | None = None
    compared: Check | None = None
    statuses: tuple[StatusReading, ...] = ()
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            standing, statuses = await check_status(envelope, verifier, proved=proved)
            compared = await check_resources(envelope.body, verifier.resources)
    standing = standing or _unfinished(CheckId.STATUS, limits)
    compared = compared or _unfinished(CheckId.RESOURCES, limits)
    asked = _timed((standing, compared), watch)
    untp, claims, left_out = _untp(envelope.credential, proven.protection)
    held = check_holder_binding(envelope.sd_jwt, expected, verifier.now, limits)
    *before, last = _timed((held, check_validity(envelope, verifier.now), untp), watch)
    shape = _timed((check_schemas(envelope.credential, verifier.schemas),), watch)
    checks = (*document, *signed, *before, *asked, *shape, last)
    ends = [reading.fresh_until for reading in statuses if reading.fresh_until is not None]
    return Report(
        checks=checks,
        outcome=_outcome(checks),
        form=envelope.form,
        credential=envelope.credential,
        issuer=proven.issuer,
        keys=proven.keys,
        signatures=proven.signatures,
        claims=claims,
        statuses=statuses,
        fresh_until=min(ends, default=None),
        protection=proven.protection,
        claims_left_out=left_out,
    )


def _timed(checks: tuple[Check, ...], watch: Stopwatch) -> tuple[Check, ...]:
    """Note on checks how long the step took that made them."""
    took_us = watch.lap_us()
    return tuple([Check(*each[:-1], took_us) for each in checks])


def _unfinished(id_: CheckId, limits: Limits) -> Check:
    """Make a check that the time allowed (`max_seconds`) did not suffice for."""
    message = f"not finished within {limits.max_seconds:g} seconds, the most for one credential"
    return check(id_, CheckOutcome.UNDETERMINED, message)


def _refused(error: MalformedCredentialError) -> Report:
    finding = Finding(CheckOutcome.FAILED, str(error), error.pointer)
    first = combine(CheckId.ENVELOPE, [finding])
    rest = (
        check(id_, CheckOutcome.SKIPPED, "there is no credential to look at")
        for id_ in CheckId
        if id_ is not CheckId.ENVELOPE
    )
    return Report((first, *rest), Outcome.FAILED)


def _untp(
    credential: Credential, protection: Protection | None
) -> tuple[Check, tuple[CredentialClaim, ...], int]:
    """Read the claims: those only that every document claims which could have been signed as well.

    Returns:
        The check, the claims, and how many more there are in some of the documents.
    """
    found, claims = _claims_of(credential)
    if protection is None or not protection.readings:
        return found, claims, 0
    read = (_claims_of(read_credential(reading)) for reading in protection.readings)
    said = [_claimed(claims), *(_claimed(others) for _, others in read)]
    common, others = set.intersection(*said), set.union(*said)
    if common == others:
        return found, claims, 0
    kept = tuple(each for each in claims if _key(each) in common)
    message = "claims are left out that depend on what of the JSON the proof does not protect"
    found = found._replace(warnings=(*found.warnings, message))
    return found, kept, len(others) - len(common)


def _claimed(claims: tuple[CredentialClaim, ...]) -> set[tuple[object, ...]]:
    return {_key(each) for each in claims}


def _key(claim: CredentialClaim) -> tuple[object, ...]:
    """Return what is claimed, without order and without the place where it stands."""
    values = (
        (dimension, value.value, value.source, tuple(sorted(value.within)))
        for dimension, value in claim.claim.values.items()
    )
    return claim.attested, claim.action, *sorted(values)


def _claims_of(credential: Credential) -> tuple[Check, tuple[CredentialClaim, ...]]:
    try:
        parsed = parse_untp(credential)
    except UnsupportedUntpError as error:
        # What a UNTP credential of an unknown version claims is not known; others claim nothing.
        unknown = _speaks_of_untp(credential)
        outcome = CheckOutcome.UNDETERMINED if unknown else CheckOutcome.SKIPPED
        return check(CheckId.UNTP, outcome, str(error)), ()
    except InvalidUntpError as error:
        finding = Finding(CheckOutcome.FAILED, str(error), error.pointer)
        return combine(CheckId.UNTP, [finding]), ()
    passed = Finding(CheckOutcome.PASSED, f"{parsed.kind} {parsed.version}")
    warnings = (Finding(CheckOutcome.PASSED, each, warning=True) for each in parsed.warnings)
    return combine(CheckId.UNTP, (passed, *warnings)), parsed.claims


def _speaks_of_untp(credential: Credential) -> bool:
    kinds = {kind.value for kind in Kind}
    return bool(kinds & set(credential.types)) or any("/untp/" in u for u in credential.contexts)


def _outcome(checks: tuple[Check, ...]) -> Outcome:
    outcomes = {check.outcome for check in checks}
    if CheckOutcome.FAILED in outcomes:
        return Outcome.FAILED
    missing = any(
        check.outcome is CheckOutcome.SKIPPED and check.id not in _MAY_BE_SKIPPED
        for check in checks
    )
    if CheckOutcome.UNDETERMINED in outcomes or missing:
        return Outcome.UNDETERMINED
    return Outcome.VERIFIED
