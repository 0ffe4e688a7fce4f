"""`/credentials/verify` and `/presentations/verify` of W3C VCALM: not a word of authority."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from aiohttp import hdrs, web

from credentials.holding import Expected
from resolver.strict_json import Json
from touchstone.service.bodies import JSON, BodyLimits, parse_body, read_body
from touchstone.service.credentials import Examiner
from touchstone.service.errors import RequestError
from touchstone.service.values import members_of
from touchstone.service.vcalm_results import (
    Wanted,
    credential_result,
    has_errors,
    presentation_has_errors,
    presentation_result,
)

CREDENTIALS = "/credentials/verify"
PRESENTATIONS = "/presentations/verify"
_DETAILS = ("returnResults", "returnProblemDetails")
_CHECKS = frozenset({"proof", "credentialStatus", "credentialSchema", "validFrom", "validUntil"})
_MOST_TEXT = 2048  # characters of a challenge or domain


def routes(examiner: Examiner, limits: BodyLimits) -> list[web.RouteDef]:
    """Return the two routes of the VCALM verifier service, for the host to mount."""
    headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_TYPE: JSON}

    def answer(result: Mapping[str, object], *, errors: bool) -> web.Response:
        """Answer 400 where cryptography or data model fail, 200 for what is up to the verifier."""
        status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
        return web.Response(body=orjson.dumps(result), status=status, headers=headers)

    async def credential(request: web.Request) -> web.Response:
        body = await parse_body(await read_body(request, limits), limits)
        given, options = _request(body, "verifiableCredential", ("returnCredential",))
        wanted = _wanted(options, "returnCredential", results=False)
        frame = examiner.present()
        report = await examiner.report(given, frame)
        result = credential_result(report, given, frame.now, wanted)
        return answer(result, errors=has_errors(report.checks))

    async def presentation(request: web.Request) -> web.Response:
        body = await parse_body(await read_body(request, limits), limits)
        known = ("returnPresentation", "challenge", "domain")
        given, options = _request(body, "verifiablePresentation", known)
        wanted = _wanted(options, "returnPresentation", results=True)
        expected = Expected(_text(options, "challenge"), _text(options, "domain"))
        frame = examiner.present()
        report = await examiner.report_on_presentation(given, frame, expected)
        result = presentation_result(report, given, expected, frame.now, wanted)
        return answer(result, errors=presentation_has_errors(report))

    return [web.post(CREDENTIALS, credential), web.post(PRESENTATIONS, presentation)]


def _request(
    body: Json, member: str, known: tuple[str, ...]
) -> tuple[dict[str, Json], Mapping[str, Json]]:
    """Read what is to be verified, and the options; one that is not understood is refused."""
    members = members_of(body, (member, "options"), "a request to verify")
    given = members.get(member)
    if member not in members:
        raise RequestError("missing-member", f"a request needs a {member}", field=member)
    if not isinstance(given, dict) or not given:
        text = "must be an object; what is signed as text is an object of an enveloped type"
        raise RequestError("invalid-value", text, field=member, pointer=f"/{member}")
    try:
        options = members_of(members.get("options", {}), (*known, *_DETAILS, "checks"), "options")
    except RequestError as error:
        pointer = f"/options{error.pointer or ''}"
        raise RequestError(
            error.slug, str(error), field=error.field or "options", pointer=pointer
        ) from None
    _refuse_unknown_checks(options)
    return given, options


def _refuse_unknown_checks(options: Mapping[str, Json]) -> None:
    """Read `checks` of the earlier VC-API; it asks for what is done in any case, and no less."""
    checks = options.get("checks", [])
    if not isinstance(checks, list) or not all(
        isinstance(each, str) and each in _CHECKS for each in checks
    ):
        text = f"must be a list of {', '.join(sorted(_CHECKS))}; all are made in any case"
        raise RequestError("invalid-value", text, field="checks", pointer="/options/checks")


def _wanted(options: Mapping[str, Json], document: str, *, results: bool) -> Wanted:
    return Wanted(
        results=_flag(options, "returnResults", default=results),
        problem_details=_flag(options, "returnProblemDetails", default=True),
        document=_flag(options, document, default=False),
    )


def _flag(options: Mapping[str, Json], name: str, *, default: bool) -> bool:
    value = options.get(name, default)
    if isinstance(value, bool):
        return value
    text = "must be true or false"
    raise RequestError("invalid-value", text, field=name, pointer=f"/options/{name}")


def _text(options: Mapping[str, Json], name: str) -> str | None:
    value = options.get(name)
    if name not in options:
        return None
    if isinstance(value, str) and 0 < len(value) <= _MOST_TEXT:
        return value
    text = f"must be text of at most {_MOST_TEXT} characters"
    raise RequestError("invalid-value", text, field=name, pointer=f"/options/{name}")
