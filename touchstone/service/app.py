"""The host: one application out of the packages' routes, and the process that serves it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from resolver import binding as identifiers
from resolver import http as resolver_http
from resolver.clock import Clock
from resolver.prebuilt import Prebuilt
from resolver.resolution import Resolver
from resolver.source import Source
from touchstone.service import authzen, credentials, decisions, health, pages, vcalm
from touchstone.service.bodies import BodyLimits, give_up_on_body
from touchstone.service.checking import Checking, checking
from touchstone.service.cosigning import gathering
from touchstone.service.credentials import Examiner
from touchstone.service.desk import Desk
from touchstone.service.front import FRONT, AtHand, Front
from touchstone.service.links import Links
from touchstone.service.problems import http_problem, problem, problem_of
from touchstone.service.replies import Replies
from touchstone.service.resolving import Resolving
from touchstone.service.settings import Settings
from touchstone.service.signatures import ACCEPT_SIGNATURE, MessageSigner, Wanted
from touchstone.service.signed import AnswerSigner
from touchstone.service.telemetry import Telemetry, explain_failure, write_to_stdout
from trust_registry import http as registry_http
from trust_registry.log import http as log_http
from trust_registry.registry import Registry
from trust_registry.snapshot import http as snapshot_http

TELEMETRY = web.AppKey("telemetry", Telemetry)
DESK = web.AppKey("desk", Desk)
_FLUSH_SECONDS = 1.0
_LINGER_SECONDS = 5.0
"""How long what a client still sends after its answer is read and dropped."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SEALED = (("X-Content-Type-Options", "nosniff"),)
_READABLE_ANYWHERE = (*_SEALED, ("Access-Control-Allow-Origin", "*"))
"""Pages add a policy of their own; data is never run, shown or framed as anything else."""
_READS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


def build_app(
    registry: Registry,
    resolver: Resolver,
    fetcher: Source,
    clock: Clock,
    settings: Settings,
    links: Links | None = None,
    resolving: Resolving | None = None,
    signer: AnswerSigner | None = None,
    checks: Checking | None = None,
) -> web.Application:
    """Put the service together; the caller owns what it is given, and closes it.

    Args:
        registry: the journal and its state.
        resolver: where DID documents come from.
        fetcher: where status lists come from.
        clock: what tells the present.
        settings: limits and the access log.
        links: the link resolver, where identifiers shall resolve.
        resolving: the parts of `resolver`, where it keeps what hosts publish.
        signer: signs answers for those who ask, where there is a key for it.
        checks: what credentials are checked with; without schemas and graphs where not given.
    """
    telemetry = Telemetry(write_to_stdout if settings.access_log else None)
    limits = BodyLimits(settings.max_body_bytes, settings.max_json_depth)
    desk = Desk(registry, telemetry)
    checks = checks or checking(fetcher, settings)
    messages = signer.of_messages(settings.links_roots) if signer else None
    app = web.Application(
        middlewares=[_guard(settings.body_timeout_s, signer, messages)],
        client_max_size=settings.max_body_bytes,
        handler_args={
            "keepalive_timeout": settings.header_timeout_s,
            "lingering_time": _LINGER_SECONDS,
            "auto_decompress": False,  # encoded bodies are refused, and would cost to open
            "access_log_class": telemetry.access_logger(),
            "access_log": telemetry.log,
        },
    )
    app[TELEMETRY], app[DESK] = telemetry, desk
    replies = Replies(_READABLE_ANYWHERE, _SEALED)
    prebuilt = resolving.prebuilt if resolving else Prebuilt()
    at_hand = [
        AtHand((f"{decisions.PATH}?",), decisions.PATH, decisions.at_hand(desk, clock, replies)),
        AtHand(
            (identifiers.PATH,),
            f"{identifiers.PATH}{{did}}",
            resolver_http.at_hand(prebuilt, resolver.clock, _READABLE_ANYWHERE),
        ),
    ]
    if links:
        at_hand.extend(links.at_hand(_READABLE_ANYWHERE))
    point = authzen.DecisionPoint(desk, clock, settings.max_claims)
    examiner = Examiner(desk, resolver, clock, checks)
    app[FRONT] = Front(at_hand, _READABLE_ANYWHERE, signs=messages is not None)
    app.add_routes(
        (
            *decisions.routes(desk, clock, limits, settings.max_claims, replies),
            *credentials.routes(examiner, limits),
            *vcalm.routes(examiner, limits),
            *authzen.routes(point, limits, settings.audience),
            *registry_http.routes(registry),
            *log_http.routes(registry),
            *snapshot_http.routes(settings.snapshots),
            *resolver_http.routes(resolver, prebuilt),
            *(resolving.routes() if resolving else ()),
            *health.routes(registry, telemetry),
            *pages.routes(),
            *(links.routes() if links else ()),
            *(signer.routes() if signer else ()),
        )
    )
    app.cleanup_ctx.extend((pages.rendered(settings.audience), _flushing, checks.closing))
    telemetry.families.append(checks.metrics)
    if registry.publisher is not None:
        every_s = settings.log_cosign_every_s
        app.cleanup_ctx.append(gathering(registry.publisher, clock, every_s))
    if resolving:
        telemetry.families.append(resolving.metrics)
    if links:
        app.cleanup_ctx.append(links.counting)
    return app


def _guard(
    body_timeout_s: float, signer: AnswerSigner | None, messages: MessageSigner | None
) -> Middleware:
    """Return the one middleware: it bounds a body's time, explains errors, signs and seals."""

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        reads = request.method in _READS
        timer = None if reads else give_up_on_body(request, body_timeout_s)
        response: web.StreamResponse
        wanted: tuple[Wanted, ...] = ()
        try:
            if messages is not None and ACCEPT_SIGNATURE in request.headers:
                wanted = messages.wanted(request)
            response = await handler(request)
        except web.HTTPException as error:
            response = http_problem(error) or _unexpected(request, error)
        except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing leaks past it
            response = problem_of(error) or _unexpected(request, error)
        if timer is not None:
            timer.cancel()
        if signer is not None:
            response = signer.answer(request, response)
        if messages is not None and wanted:
            response = await messages.answer(request, response, wanted)
        if not response.prepared:
            response.headers.update(_READABLE_ANYWHERE if reads else _SEALED)
        return response

    return guard


def _unexpected(request: web.Request, error: Exception) -> web.Response:
    resource = request.match_info.route.resource
    explain_failure(request.method, resource.canonical if resource else "none", error)
    return problem("internal-error", "the error was logged")


async def _flushing(app: web.Application) -> AsyncIterator[None]:
    """Write the access log once a second, off the loop, and once more at the end."""
    telemetry = app[TELEMETRY]

    async def flush() -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await asyncio.to_thread(telemetry.flush)

    task = asyncio.create_task(flush(), name="access log")
    yield
    task.cancel()
    await asyncio.to_thread(telemetry.flush)
