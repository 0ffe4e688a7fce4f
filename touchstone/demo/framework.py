"""The demo's governance framework: short names of parties become DIDs and pinned keys."""

from copy import deepcopy

from resolver.strict_json import Json
from touchstone.demo.data import DemoData
from touchstone.demo.errors import DemoDataError
from touchstone.demo.keys import demo_key
from trust_registry.documents import state_every_dimension


def framework_document(data: DemoData) -> dict[str, Json]:
    """Return the framework as its members sign it.

    Raises:
        DemoDataError: it seats, or reserves a scope to, somebody who is no party.
    """
    document = deepcopy(dict(data.framework))
    document["members"] = [_member(seat, data) for seat in _objects(document, "members")]
    document["reserved"] = [_reserved(each, data) for each in _objects(document, "reserved")]
    return document


def _member(seat: dict[str, Json], data: DemoData) -> Json:
    name = str(seat.get("party"))
    if name not in data.parties:
        raise DemoDataError(f"framework.yaml: no party is called {name!r}")
    party = data.parties[name]
    keys: list[Json] = [
        demo_key(name, number).public.thumbprint for number in range(1, party.keys + 1)
    ]
    return {"did": party.did, "name": party.name, "class": seat.get("class"), "keys": keys}


def _reserved(reservation: dict[str, Json], data: DemoData) -> Json:
    names, scope = reservation.get("anchors"), reservation.get("scope")
    if not isinstance(names, list) or not isinstance(scope, dict):
        raise DemoDataError("framework.yaml: a reservation has anchors and a scope")
    unknown = [name for name in names if name not in data.parties]
    if unknown:
        raise DemoDataError(f"framework.yaml: no party is called {unknown[0]!r}")
    anchors: list[Json] = [data.parties[str(name)].did for name in names]
    return {**reservation, "anchors": anchors, "scope": state_every_dimension(scope)}


def _objects(document: dict[str, Json], member: str) -> list[dict[str, Json]]:
    value = document.get(member)
    if not isinstance(value, list):
        raise DemoDataError(f"framework.yaml: {member} is a list")
    return [each for each in value if isinstance(each, dict)]
