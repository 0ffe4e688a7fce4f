"""`/v1/credentials/verify`: a whole credential in, its report and a decision for each claim out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

import orjson
from aiohttp import hdrs, web

from credentials.checks import Check, CheckId, Finding
from credentials.credential import Credential, CredentialClaim
from credentials.holding import Expected
from credentials.presenting import PresentationReport, verify_presentation
from credentials.verify import Outcome as ReportOutcome
from credentials.verify import Report, verify
from policies.decision import Basis, Decision, Outcome, Question
from resolver.clock import Clock
from resolver.did import Did
from resolver.instant import Instant
from resolver.source import Source
from resolver.strict_json import Json
from touchstone.service.answers import written
from touchstone.service.bodies import JSON, BodyLimits, parse_body, read_body
from touchstone.service.checking import Checking, checking
from touchstone.service.decisions import Desk, Frame
from touchstone.service.documents import AcceptedDocuments, ResolvedSource
from touchstone.service.errors import RequestError
from touchstone.service.questions import authorities_of, instant_of, members_of

PATH = "/v1/credentials/verify"
_MEMBERS = ("credential", "at", "known_at", "authorities", "no_cache")


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


class Examiner:
    """Verifies credentials and asks about each of their claims.

    Args:
        desk: answers the questions.
        resolver: where DID documents come from.
        fetcher: where status lists come from.
        clock: what tells the present.
        checks: what credentials are checked with; the packages' own limits where not given.
    """

    def __init__(
        self,
        desk: Desk,
        resolver: ResolvedSource,
        fetcher: Source,
        clock: Clock,
        checks: Checking | None = None,
    ) -> None:
        self._desk = desk
        self._resolver = resolver
        self._fetcher = fetcher
        self._clock = clock
        self._checks = checks or checking(fetcher)

    async def examine(self, body: Json) -> bytes:
        """Answer a request to verify.

        Raises:
            RequestError: the request is none, or asks in a way that has no meaning; a credential
                that fails is an answer.
        """
        members = members_of(body, _MEMBERS, "a request to verify")
        credential = _credential(members.get("credential"))
        at = instant_of(members, "at")
        known_at, now = instant_of(members, "known_at"), self._clock.now()
        frame = self._desk.frame(known_at, authorities_of(members), now)
        report = await self.report(credential, frame, at, fresh=_no_cache(members))
        decided = await _decide(self._desk, report, frame, at)
        return _answer(self._desk, report, decided, frame)

    def present(self) -> Frame:
        """Return what holds now, by all that is known.

        Raises:
            RequestError: the journal is empty.
        """
        return self._desk.frame(None, None, self._clock.now())

    async def report(
        self, credential: Json, frame: Frame, at: Instant | None = None, *, fresh: bool = False
    ) -> Report:
        """Check a credential by the documents that the framework accepts.

        Args:
            credential: as `verify` takes it.
            frame: what is known, and the present.
            at: the time asked about, or None.
            fresh: whether status lists have to be asked for again.
        """
        documents = self._documents(frame)
        report = await verify(
            credential,
            resolver=documents,
            fetcher=self._fetcher,
            now=frame.now,
            limits=self._checks.limits,
            status=self._checks.query(self._desk, frame, at, fresh=fresh),
            schemas=self._checks.rules(self._desk, frame),
            graphs=self._checks.graphs,
            resources=self._checks.resources,
        )
        return _dated(_naming(report, documents.heard_from), documents)

    async def report_on_presentation(
        self, presentation: Json, frame: Frame, expected: Expected
    ) -> PresentationReport:
        """Check a presentation by the documents that the framework accepts.

        Args:
            presentation: as `verify_presentation` takes it.
            frame: what is known, and the present.
            expected: what it has to have been made for.
        """
        return await verify_presentation(
            presentation,
            resolver=self._documents(frame),
            fetcher=self._fetcher,
            now=frame.now,
            limits=self._checks.limits,
            status=self._checks.query(self._desk, frame),
            schemas=self._checks.rules(self._desk, frame),
            expected=expected,
            graphs=self._checks.graphs,
            resources=self._checks.resources,
        )

    def _documents(self, frame: Frame) -> AcceptedDocuments:
        framework = self._desk.framework(frame.known)
        return AcceptedDocuments(
            self._resolver,
            upstream=framework.accept_upstream_documents,
            now=frame.now,
            most_stale_ms=framework.max_staleness_ms,
        )


def routes(examiner: Examiner, limits: BodyLimits) -> list[web.RouteDef]:
    """Return the route that verifies a credential, for the host to mount."""
    headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_TYPE: JSON}

    async def post(request: web.Request) -> web.Response:
        body = await parse_body(await read_body(request, limits), limits)
        return web.Response(body=await examiner.examine(body), headers=headers)

    return [web.post(PATH, post)]


def _credential(given: Json) -> Json:
    if given is None:
        text = "a request to verify needs a credential"
        raise RequestError("missing-member", text, field="credential")
    if not isinstance(given, str | dict) or not given:
        text = "must be a JWT or `data:` URI as text, or a credential as an object"
        raise RequestError("invalid-value", text, field="credential", pointer="/credential")
    return given


def _no_cache(members: Mapping[str, Json]) -> bool:
    value = members.get("no_cache", False)
    if not isinstance(value, bool):
        raise RequestError("invalid-value", "must be true or false", field="no_cache")
    return value


def _naming(report: Report, heard_from: Collection[str]) -> Report:
    """Name, in the check of the key, the resolvers whose unverified word the framework takes."""
    if not heard_from:
        return report
    via = ", ".join(sorted(heard_from))
    checks = (
        replace(
            each,
            message=f"{each.message}; on the word of {via}, which the framework takes",
            inputs={**each.inputs, "via": via},
        )
        if each.id == CheckId.KEY_BINDING
        else each
        for each in report.checks
    )
    return replace(report, checks=tuple(checks))


def _dated(report: Report, documents: AcceptedDocuments) -> Report:
    """Say, in the check of the key, which documents are stale; let no answer outlive them."""
    ends = [each for each in (report.fresh_until, documents.fresh_until) if each is not None]
    report = replace(report, fresh_until=min(ends, default=None))
    if not documents.stale:
        return report
    fetched = ", ".join(f"{did} as of {written(at)}" for did, at in documents.stale.items())
    checks = (
        replace(
            each,
            message=f"{each.message}; its host being out of reach, by what was kept: {fetched}",
            inputs={**each.inputs, "stale": fetched},
        )
        if each.id == CheckId.KEY_BINDING
        else each
        for each in report.checks
    )
    return replace(report, checks=tuple(checks))


async def _decide(
    desk: Desk, report: Report, frame: Frame, at: Instant | None
) -> list[tuple[CredentialClaim, Decision]]:
    """Decide each claim at the time that the credential, or else the request, gives.

    A time that the request gives is no more proved than the issuer's own word, so that acts which
    void what was issued before them count either way.
    """
    if report.issuer is None or report.credential is None:
        return []
    asserted = at if at is not None else report.credential.valid_from
    questions = [
        Question(
            report.issuer,
            claim.claim,
            frame.now if asserted is None else asserted,
            frame.now,
            frame.known,
            claim.action,
            Basis.NOW if asserted is None else Basis.ASSERTED,
            report.key,
            frame.authorities,
        )
        for claim in report.claims
    ]
    decisions = await desk.decide_in_order(questions)
    return list(zip(report.claims, decisions, strict=True))


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


def _answer(
    desk: Desk,
    report: Report,
    decided: Sequence[tuple[CredentialClaim, Decision]],
    frame: Frame,
) -> bytes:
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
        "evaluated_at": written(frame.now),
        **_horizons(report, decided, frame),
    }
    if decided:
        document.update(desk.answers.foot(decided[0][1].framework, frame.knowledge))
    return orjson.dumps(document)


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
        "valid_from": None if start is None else written(start),
        "valid_until": None if end is None else written(end),
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
        "valid_until": written(min(changes)) if changes else None,
        "fresh_until": written(min(ends)) if ends else None,
    }
