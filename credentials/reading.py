"""From a JSON object to a `Credential`: every member read once, every problem kept."""

import re
from collections.abc import Callable, Iterator, Mapping

from credentials.checks import CheckId
from credentials.credential import Credential, Problem
from credentials.problem_types import ProblemType
from credentials.status.entries import StatusEntry, read_claim, read_entry
from credentials.status.errors import MalformedEntryError
from resolver.errors import InvalidInstantError
from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json

BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"
_OLD_CONTEXT = "https://www.w3.org/2018/credentials/v1"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f\x7f<>\"{}|\\^`]+")
_TYPED = ("evidence", "refreshService", "termsOfUse", "credentialSchema", "credentialStatus")
"""Members whose every entry must have a `type` (VCDM 2.0 sections 4.5, 4.10 and 5)."""


def read_credential(body: Mapping[str, Json]) -> Credential:
    """Read the members of a credential's document (VCDM 2.0 section 4).

    Nothing is raised: what cannot be read is named in `problems` and has no value.
    """
    reader = _Reader(body)
    issuer, issuer_name = reader.issuer()
    return Credential(
        body=body,
        id=reader.id(),
        types=reader.types(),
        contexts=reader.contexts(),
        issuer=issuer,
        issuer_name=issuer_name,
        valid_from=reader.instant("validFrom"),
        valid_until=reader.instant("validUntil"),
        status=reader.status(),
        problems=reader.rest(),
    )


def entries(value: Json) -> Iterator[tuple[str, Json]]:
    """Walk a member that may hold one value or an array of them, with each one's pointer."""
    if isinstance(value, list):
        yield from ((f"/{n}", item) for n, item in enumerate(value))
    else:
        yield "", value


class _Reader:
    """Reads one document, and notes what is wrong with it on the way."""

    def __init__(self, body: Mapping[str, Json]) -> None:
        self._body = body
        self._problems: list[Problem] = []

    def _wrong(self, check: CheckId, pointer: str, message: str) -> None:
        self._problems.append(Problem(check, pointer, message))

    def id(self) -> str | None:
        """Read `id`: one URL, or none (VCDM 2.0 section 4.4)."""
        if "id" not in self._body:
            return None
        value = self._body["id"]
        if isinstance(value, str) and _URL.fullmatch(value):
            return value
        self._wrong(CheckId.STRUCTURE, "/id", "not a single URL")
        return None

    def types(self) -> tuple[str, ...]:
        """Read `type`: `VerifiableCredential` among its values (VCDM 2.0 section 4.5)."""
        found = []
        for pointer, value in entries(self._body.get("type")):
            if isinstance(value, str) and value:
                found.append(value)
            else:
                self._wrong(CheckId.TYPE, f"/type{pointer}", "not a type")
        if "VerifiableCredential" not in found:
            self._wrong(CheckId.TYPE, "/type", "VerifiableCredential is not among the types")
        return tuple(found)

    def contexts(self) -> tuple[str, ...]:
        """Read the URLs of `@context`: the version 2 context first (VCDM 2.0 section 4.3)."""
        value = self._body.get("@context")
        found = []
        for pointer, item in entries(value):
            if isinstance(item, str) and _URL.fullmatch(item):
                found.append(item)
            elif not isinstance(item, dict):
                self._wrong(CheckId.CONTEXT, f"/@context{pointer}", "not a context")
        first = next((item for _, item in entries(value)), None)
        if first == _OLD_CONTEXT:
            message = "version 1.1 of the data model; only 2.0 is accepted"
            self._wrong(CheckId.CONTEXT, "/@context/0", message)
        elif first != BASE_CONTEXT:
            message = f"the first context is not {BASE_CONTEXT}"
            self._wrong(CheckId.CONTEXT, "/@context/0", message)
        return tuple(found)

    def issuer(self) -> tuple[str, str | None]:
        """Read `issuer`: a URL, or an object with one as its `id` (VCDM 2.0 section 4.7)."""
        value = self._body.get("issuer")
        pointer, name = "/issuer", None
        if isinstance(value, dict):
            pointer = "/issuer/id"
            title = value.get("name")
            name = title if isinstance(title, str) else None
            value = value.get("id")
        if isinstance(value, str) and _URL.fullmatch(value):
            return value, name
        self._wrong(CheckId.ISSUER, pointer, "the credential names no issuer by a URL")
        return "", name

    def instant(self, member: str) -> Instant | None:
        """Read a date-time with an offset, or none (VCDM 2.0 section 4.9)."""
        if member not in self._body:
            return None
        value = self._body[member]
        try:
            return parse_instant(value if isinstance(value, str) else "")
        except InvalidInstantError as error:
            self._wrong(CheckId.VALIDITY, f"/{member}", str(error))
            return None

    def status(self) -> tuple[StatusEntry, ...]:
        """Read `credentialStatus`, one entry or an array, and a JWT's `status` claim."""
        given = self._body.get("credentialStatus")
        found = []
        for pointer, value in entries(given) if "credentialStatus" in self._body else ():
            where = f"/credentialStatus{pointer}"
            found.append(self._status_entry(read_entry, where, value))
        found.append(self._status_entry(read_claim, "/status", self._body.get("status")))
        return tuple(entry for entry in found if entry is not None)

    def _status_entry(
        self, read: Callable[[str, Json], StatusEntry | None], pointer: str, value: Json
    ) -> StatusEntry | None:
        try:
            return read(pointer, value)
        except MalformedEntryError as error:
            type_ = ProblemType.MALFORMED_VALUE
            self._problems.append(Problem(CheckId.STATUS, pointer, str(error), type_))
            return None

    def rest(self) -> tuple[Problem, ...]:
        """Check the members that have no value of their own here, and return all problems."""
        self._subjects()
        for member in _TYPED:
            if member in self._body:
                self._typed(member)
        return tuple(self._problems)

    def _subjects(self) -> None:
        found = list(entries(self._body.get("credentialSubject")))
        if not found:
            self._wrong(CheckId.STRUCTURE, "/credentialSubject", "no subject")
        for pointer, value in found:
            where = f"/credentialSubject{pointer}"
            if not isinstance(value, dict) or not value:
                self._wrong(CheckId.STRUCTURE, where, "not an object that says anything")
            elif "id" in value and not _is_url(value["id"]):
                self._wrong(CheckId.STRUCTURE, f"{where}/id", "not a single URL")

    def _typed(self, member: str) -> None:
        for pointer, value in entries(self._body[member]):
            where = f"/{member}{pointer}"
            if not isinstance(value, dict) or not _has_type(value.get("type")):
                self._wrong(CheckId.STRUCTURE, where, "not an object with a type")
                continue
            needs_id = member == "credentialSchema"
            if (needs_id or "id" in value) and not _is_url(value.get("id")):
                self._wrong(CheckId.STRUCTURE, f"{where}/id", "not a single URL")


def _is_url(value: Json) -> bool:
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def _has_type(value: Json) -> bool:
    found = [item for _, item in entries(value)]
    return bool(found) and all(isinstance(item, str) and item for item in found)
