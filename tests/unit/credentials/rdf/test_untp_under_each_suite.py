"""UNTP's samples under each suite: whatever is changed is refused, or means the same, or is told."""

import asyncio
import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from credentials.checks import CheckId, CheckOutcome
from credentials.rdf.context_sources import Texts
from credentials.rdf.contexts import Contexts, digest_of, own_pins
from credentials.verify import Report, _claimed
from resolver.keys import Curve
from resolver.proofs.data_integrity import sign_jcs
from tests.unit.credentials.issuing import Issuer, Shelf
from tests.unit.credentials.rdf.graphs import Graphs, texts
from tests.unit.credentials.rdf.signing import derive, sign_graph

SAMPLES = {
    "0.5": [
        "untp/samples/reference-0.5/untp-dcc-instance-0.5.0.jsonld",
        "untp/samples/reference-0.5/untp-dpp-instance-0.5.0.jsonld",
        "untp/samples/reference-0.5/untp-dfr-instance-0.5.0.jsonld",
        "untp/samples/crm-0.5/copper_mine/dpp_copper_concentrate.json",
    ],
    "0.6": [
        f"vc/untp-working/{kind}-instance.json" for kind in ("dcc", "dfr", "dia", "dpp", "dte")
    ],
    "0.7.0": [
        "untp/samples/v0.7.0/dcc/ConformityCredential_battery_instance.json",
        "untp/samples/v0.7.0/dfr/DigitalFacilityRecord_smelter_instance.json",
        "untp/samples/v0.7.0/dia/DigitalIdentityAnchor_mine_instance.json",
        "untp/samples/v0.7.0/dpp/DigitalProductPassport_battery_instance.json",
        "untp/samples/v0.7.0/dte/DigitalTraceabilityEvent_battery_make_instance.json",
    ],
}
SUITES = {
    "vc+jwt": Curve.ED25519,
    "eddsa-jcs-2022": Curve.ED25519,
    "ecdsa-jcs-2019": Curve.P256,
    "eddsa-rdfc-2022": Curve.ED25519,
    "ecdsa-rdfc-2019": Curve.P384,
    "Ed25519Signature2020": Curve.ED25519,
    "ecdsa-sd-2023": Curve.P256,
}
OLDER = orjson.dumps({"@context": {"@vocab": "https://vocabulary.example/"}})
"""Stands for the contexts of 0.5, whose texts are not at hand: every term means itself."""
EVERY = 7
"""How many changes are tried of each kind, of each sample under each suite."""


@pytest.fixture(scope="module")
def graphs(vectors: Path) -> Graphs:
    older = {
        url: frozenset({digest_of(OLDER)})
        for files in SAMPLES["0.5"]
        for url in contexts_of(orjson.loads((vectors / files).read_bytes()))
        if url not in own_pins()
    }
    older["https://w3id.org/security/suites/ed25519-2020/v1"] = own_pins()[
        "https://w3id.org/security/suites/ed25519-2020/v1"
    ]
    sources = [texts(vectors), Texts({digest_of(OLDER): OLDER})]
    return Graphs(Contexts({**own_pins(), **older}, sources))


def contexts_of(body: dict[str, Any]) -> list[str]:
    found = body["@context"]
    return [
        each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str)
    ]


@pytest.fixture
def sample(vectors: Path, file: str) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads((vectors / file).read_bytes())
    body.pop("proof", None)
    return body


async def signed(body: dict[str, Any], suite: str, issuer: Issuer, graphs: Graphs) -> Any:
    named = body["issuer"]
    body["issuer"] = {**named, "id": issuer.did} if isinstance(named, dict) else issuer.did
    if suite == "vc+jwt":
        return issuer.jwt(body)
    if suite == "Ed25519Signature2020":
        body["@context"] = [*contexts_of(body), "https://w3id.org/security/suites/ed25519-2020/v1"]
    if "-jcs-" in suite:
        return sign_jcs(body, issuer.kid, issuer.key, created=None)
    if suite == "ecdsa-sd-2023":
        return (await derive(graphs, body, issuer.kid, issuer.key, ("credentials#",)))[0]
    return await sign_graph(graphs, body, issuer.kid, issuer.key, suite)


Path_ = tuple[str | int, ...]


def places(value: Any, path: Path_ = ()) -> Iterator[tuple[str, Path_]]:
    """Each change that can be made, as its kind and its place."""
    if isinstance(value, str) and value:
        yield "character", path
    if isinstance(value, list):
        if value != value[::-1]:
            yield "order", path
        for n, each in enumerate(value):
            yield from places(each, (*path, n))
    if isinstance(value, dict):
        for name, each in value.items():
            if (*path, name) != ("proof",):
                yield "removal", (*path, name)
                yield from places(each, (*path, name))


def changed(body: dict[str, Any], kind: str, path: Path_, rng: random.Random) -> dict[str, Any]:
    body = copy.deepcopy(body)
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    last = path[-1]
    if kind == "removal":
        del holder[last]
    elif kind == "order":
        holder[last] = holder[last][::-1]
    else:
        text = holder[last]
        at = rng.randrange(len(text))
        other = "x" if text[at] != "x" else "y"
        holder[last] = text[:at] + other + text[at + 1 :]
    return body


def told(reports: list[Report], path: Path_) -> bool:
    """Whether a report says that this place, or one around it or in it, is not protected."""
    pointer = "".join(f"/{step}" for step in path)
    return any(
        f"{pointer}/".startswith(f"{each.pointer}/") or f"{each.pointer}/".startswith(f"{pointer}/")
        for report in reports
        if report.protection
        for each in report.protection.unprotected
    )


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("file", [file for files in SAMPLES.values() for file in files])
async def test_every_change_is_refused_or_means_the_same_or_is_told(
    sample: dict[str, Any], graphs: Graphs, suite: str, file: str
) -> None:
    shelf = Shelf(graphs=graphs)
    issuer = Issuer.on(shelf, "did:web:issuer.example", curve=SUITES[suite])
    original = await signed(sample, suite, issuer, graphs)
    good = await shelf.check(original)
    assert good.check(CheckId.PROOF).outcome is CheckOutcome.PASSED, good.check(CheckId.PROOF)
    if suite == "vc+jwt":  # any change of the token is seen; what is in it has no life of its own
        return
    over_graph = "-jcs-" not in suite
    rng = random.Random(f"{file} {suite}")  # noqa: S311 - the same in every run
    by_kind: dict[str, list[Path_]] = {}
    for kind, path in places(original):
        by_kind.setdefault(kind, []).append(path)
    for kind, paths in by_kind.items():
        for path in rng.sample(paths, min(EVERY, len(paths))):
            await asyncio.sleep(0)
            report = await shelf.check(changed(original, kind, path, rng))
            if report.check(CheckId.PROOF).outcome is not CheckOutcome.PASSED:
                continue
            assert over_graph, (kind, path)
            same = _claimed(report.claims) == _claimed(good.claims)
            assert same or told([good, report], path), (kind, path)
