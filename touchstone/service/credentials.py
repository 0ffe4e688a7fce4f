"""`/v1/credentials/verify`: a whole credential in, its report and a decision for each claim out."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from aiohttp import hdrs, web

from credentials.checks import CheckId
from credentials.credential import CredentialClaim
from credentials.holding import Expected
from credentials.presenting import PresentationReport, verify_presentation
from credentials.verify import Report, verify
from policies.decision import Basis, Decision, Question
from resolver.clock import Clock
from resolver.instant import Instant, format_instant
from resolver.strict_json import Json
from touchstone.service.bodies import JSON, BodyLimits, parse_body, read_body
from touchstone.service.checking import Checking
from touchstone.service.credential_answers import credential_answer
from touchstone.service.desk import Desk, Frame
from touchstone.service.documents import AcceptedDocuments, ResolvedSource
from touchstone.service.errors import RequestError
from touchstone.service.values import authorities_of, instant_of, members_of

PATH = "/v1/credentials/verify"
_MEMBERS = ("credential", "at", "known_at", "authorities", "no_cache")


class Examiner:
    """Verifies credentials and asks about each of their claims.

    Args:
        desk: answers the questions.
        resolver: where DID documents come from.
        clock: what tells the present.
        checks: what credentials are checked with.
    """

    def __init__(
        self, desk: Desk, resolver: ResolvedSource, clock: Clock, checks: Checking
    ) -> None:
        self._desk = desk
        self._resolver = resolver
        self._clock = clock
        self._checks = checks

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
        return credential_answer(self._desk, report, decided, frame)

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
        verifier = self._checks.verifier_by(self._desk, frame, documents, at, fresh=fresh)
        report = await verify(credential, verifier)
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
        verifier = self._checks.verifier_by(self._desk, frame, self._documents(frame))
        return await verify_presentation(presentation, verifier, expected)

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
    return _noting(report, f"on the word of {via}, which the framework takes", {"via": via})


def _dated(report: Report, documents: AcceptedDocuments) -> Report:
    """Say, in the check of the key, which documents are stale; let no answer outlive them."""
    if documents.fresh_until is None:
        return report
    ends = [each for each in (report.fresh_until, documents.fresh_until) if each is not None]
    report = replace(report, fresh_until=min(ends))
    if not documents.stale:
        return report
    fetched = ", ".join(f"{did} as of {format_instant(at)}" for did, at in documents.stale.items())
    words = f"its host being out of reach, by what was kept: {fetched}"
    return _noting(report, words, {"stale": fetched})


def _noting(report: Report, words: str, inputs: Mapping[str, str]) -> Report:
    """Add to what the check of the key says."""
    checks = (
        each._replace(message=f"{each.message}; {words}", inputs={**each.inputs, **inputs})
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
