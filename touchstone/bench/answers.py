"""What answers over HTTP cost: the same client, the same run, the floor before and after."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from resolver.instant import SECOND, Instant, format_instant, parse_instant
from resolver.jcs import canonicalise
from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from touchstone.bench.load import Load, get, post, run_load
from touchstone.bench.processes import process
from touchstone.demo.data import read_demo

_CLAIM = {
    "scheme": read_demo().history.schemes["irma"],
    "achievement": "IRMA 75",
    "credential_type": "DigitalConformityCredential",
}
_ISSUER = "did:web:scs.example"
_AT = parse_instant("2026-06-01T00:00:00Z")
_KEY = PrivateKey.from_seed(bytes(range(32)))
_DISTINCT = 400_000
"""More questions than one run can ask, so that none is asked twice."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of answer to measure.

    Attributes:
        name: what it is.
        floor: which floor it stands beside: `GET` or `POST`.
        least: the least share of the floor that is promised, or None.
        requests: whole HTTP requests, sent in turn.
    """

    name: str
    floor: str
    least: float | None
    requests: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of answer, measured.

    Attributes:
        work: what it is.
        load: what one run showed.
        share: the floor's processor time a request over this one's; 1.0 is the floor itself.
    """

    work: Work
    load: Load
    share: float


def works() -> tuple[Work, ...]:
    """Return the kinds of answers, with their requests."""
    did = f"did:key:{_KEY.public.multikey}"
    return (
        Work("GET /v1/decisions", "GET", 0.6, [get(_decision_url(_AT))]),
        Work("POST /v1/decisions", "POST", 0.5, [_question_body(0)]),
        Work("GET /v1/decisions, another time each", "GET", 0.6, _Series(_question_url)),
        Work("POST /v1/decisions, another time each", "POST", 0.5, _Series(_question_body)),
        Work("GET /v1/decisions, another product each", "GET", 0.6, _Series(_product_url)),
        Work("POST /v1/decisions, another product each", "POST", 0.5, _Series(_product_body)),
        Work("GET /1.0/identifiers/did:key", "GET", None, [get(f"/1.0/identifiers/{did}")]),
        Work("POST /v1/credentials/verify, JOSE", "POST", None, [_credential_body()]),
    )


class _Series(Sequence[bytes]):
    """Requests made when they are sent, each another one."""

    def __init__(self, make: Callable[[int], bytes]) -> None:
        self._make = make
        self._numbers = count()

    def __len__(self) -> int:
        return _DISTINCT

    def __getitem__(self, index: int | slice) -> bytes:  # type: ignore[override] # only ints come
        return self._make(next(self._numbers))


def _decision_url(at: Instant) -> str:
    return "/v1/decisions?" + urlencode({"issuer": _ISSUER, "at": format_instant(at), **_CLAIM})


def _question_url(number: int) -> bytes:
    return get(_decision_url(Instant(_AT + number * SECOND)))


def _question_body(number: int) -> bytes:
    at = format_instant(Instant(_AT + number * SECOND))
    body = {"issuer": _ISSUER, "action": "issue", "claim": _CLAIM, "at": at}
    return post("/v1/decisions", json.dumps(body).encode())


def _product_url(number: int) -> bytes:
    return get(f"{_decision_url(_AT)}&product=https://id.gs1.org/01/09506000134352/21/{number}")


def _product_body(number: int) -> bytes:
    product = f"https://id.gs1.org/01/09506000134352/21/{number}"
    body = {"issuer": _ISSUER, "claim": {**_CLAIM, "product": product}, "at": format_instant(_AT)}
    return post("/v1/decisions", json.dumps(body).encode())


def _credential_body() -> bytes:
    """Return a conformity credential of some 17 kB, signed by a did:key."""
    did = f"did:key:{_KEY.public.multikey}"
    credential: dict[str, Json] = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://vocabulary.uncefact.org/untp/0.7.0/context/",
        ],
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "issuer": {"type": ["CredentialIssuer"], "id": did, "name": "Bench"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["ConformityAttestation"],
            "id": "urn:bench:attestation",
            "name": "Bench",
            "description": "x" * 15_000,
            "assessorLevel": "3rdParty",
            "assessmentLevel": "scheme-cab",
            "attestationType": "certification",
            "issuedToParty": {"type": ["Party"], "id": "urn:bench:party", "name": "Bench"},
            "referenceScheme": {"type": ["ConformityScheme"], "id": _CLAIM["scheme"], "name": "x"},
            "profileScore": {"code": "IRMA 75"},
        },
    }
    header: dict[str, Json] = {"kid": f"{did}#{_KEY.public.multikey}", "typ": "vc+jwt"}
    token = sign_compact(canonicalise(credential), header, _KEY)
    return post("/v1/credentials/verify", json.dumps({"credential": token}).encode())


async def measure(
    seconds: float, connections: int, tell: Callable[[str], object]
) -> tuple[dict[str, Load], list[Measured]]:
    """Measure every kind of answer, each between two runs of its floor.

    Args:
        seconds: how long each run takes.
        connections: how many at once.
        tell: takes a line before each run.

    Returns:
        The floors by method, and what was measured.
    """
    floors = {"GET": [get("/")], "POST": [post("/", _question_body(0).partition(b"\r\n\r\n")[2])]}
    measured: list[Measured] = []
    shown: dict[str, Load] = {}
    async with process("floor") as floor, process("subject") as subject:
        for work in works():
            tell(work.name)
            runs = []
            requests = floors[work.floor]
            for (port, pid), sent in (
                (floor, requests),
                (subject, work.requests),
                (floor, requests),
            ):
                run = await run_load(port, pid, sent, seconds=seconds, connections=connections)
                runs.append(run)
            before, load, after = runs
            shown[work.floor] = min(before, after, key=lambda each: each.cpu_us)
            share = (before.cpu_us + after.cpu_us) / 2 / load.cpu_us
            measured.append(Measured(work, load, share))
    return shown, measured
