"""From a JSON object to a `Credential`: every member read once, every problem kept."""

from collections.abc import Callable, Mapping

from credentials.checks import CheckId
from credentials.credential import Credential, DataModel, Problem
from credentials.naming import naming_problems
from credentials.problem_types import ProblemType
from credentials.resources import resource_problems
from credentials.status.entries import StatusEntry, read_claim, read_entry
from credentials.status.errors import MalformedEntryError
from credentials.values import entries, is_url
from resolver.errors import InvalidInstantError
from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json

BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"
OLD_CONTEXT = "https://www.w3.org/2018/credentials/v1"
_TYPED = ("evidence", "refreshService", "termsOfUse", "credentialSchema", "credentialStatus")
"""Members whose every entry must have a `type` (VCDM 2.0 sections 4.5, 4.10 and 5)."""


def read_credential(body: Mapping[str, Json]) -> Credential:
    """Read the members of a credential's document (VCDM 2.0 section 4, VCDM 1.1 section 4).

    Nothing is raised: what cannot be read is named in `problems` and has no value.
    """
    reader = _Reader(body)
    issuer, issuer_name = reader.issuer()
    valid_from, valid_until = reader.period()
    return Credential(
        body=body,
        id=reader.id(),
        types=reader.types(),
        contexts=reader.contexts(),
        issuer=issuer,
        issuer_name=issuer_name,
        valid_from=valid_from,
        valid_until=valid_until,
        status=reader.status(),
        problems=reader.rest(),
        model=reader.model,
    )


def read_status(body: Mapping[str, Json]) -> tuple[tuple[StatusEntry, ...], tuple[Problem, ...]]:
    """Read the status entries of a document that is read by other rules for the rest."""
    reader = _Reader(body)
    return reader.status(), reader.problems


class _Reader:
    """Reads one document, and notes what is wrong with it on the way."""

    def __init__(self, body: Mapping[str, Json]) -> None:
        self._body = body
        self._problems: list[Problem] = []
        self._contexts = entries(body.get("@context"))
        self._first = self._contexts[0][1] if self._contexts else None
        self.model = DataModel.VCDM_1_1 if self._first == OLD_CONTEXT else DataModel.VCDM_2

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong so far."""
        return tuple(self._problems)

    def _wrong(self, check: CheckId, pointer: str, message: str) -> None:
        self._problems.append(Problem(check, pointer, message))

    def id(self) -> str | None:
        """Read `id`: one URL, or none (VCDM 2.0 section 4.4)."""
        if "id" not in self._body:
            return None
        value = self._body["id"]
        if is_url(value):
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
        """Read the URLs of `@context`: a version's own context first (VCDM 2.0 section 4.3)."""
        found = []
        for pointer, item in self._contexts:
            if is_url(item):
                found.append(item)
            elif not isinstance(item, dict):
                self._wrong(CheckId.CONTEXT, f"/@context{pointer}", "not a context")
        if self._first not in (BASE_CONTEXT, OLD_CONTEXT):
            message = f"the first context is not {BASE_CONTEXT}"
            self._wrong(CheckId.CONTEXT, "/@context/0", message)
        elif BASE_CONTEXT in found and OLD_CONTEXT in found:
            message = "the contexts of two versions of the data model"
            self._wrong(CheckId.CONTEXT, "/@context", message)
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
        if is_url(value):
            return value, name
        self._wrong(CheckId.ISSUER, pointer, "the credential names no issuer by a URL")
        return "", name

    def period(self) -> tuple[Instant | None, Instant | None]:
        """Read the validity period (VCDM 2.0 section 4.9, VCDM 1.1 sections 4.6 and 4.7).

        Version 1.1 reserves the later names beside its own; where both stand, the narrower holds.
        """
        starts, ends = [self.instant("validFrom")], [self.instant("validUntil")]
        if self.model is DataModel.VCDM_1_1:
            starts.append(self.instant("issuanceDate"))
            ends.append(self.instant("expirationDate"))
            if "issuanceDate" not in self._body:
                self._wrong(CheckId.VALIDITY, "/issuanceDate", "version 1.1 requires it")
        return (
            max((each for each in starts if each is not None), default=None),
            min((each for each in ends if each is not None), default=None),
        )

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
        self._problems += naming_problems(self._body, "")
        if isinstance(issuer := self._body.get("issuer"), dict):
            self._problems += naming_problems(issuer, "/issuer")
        self._problems += resource_problems(self._body)
        return self.problems

    def _subjects(self) -> None:
        found = entries(self._body.get("credentialSubject"))
        if not found:
            self._wrong(CheckId.STRUCTURE, "/credentialSubject", "no subject")
        for pointer, value in found:
            where = f"/credentialSubject{pointer}"
            if not isinstance(value, dict) or not value:
                self._wrong(CheckId.STRUCTURE, where, "not an object that says anything")
            elif "id" in value and not is_url(value["id"]):
                self._wrong(CheckId.STRUCTURE, f"{where}/id", "not a single URL")

    def _typed(self, member: str) -> None:
        for pointer, value in entries(self._body[member]):
            where = f"/{member}{pointer}"
            if not isinstance(value, dict) or not _has_type(value.get("type")):
                self._wrong(CheckId.STRUCTURE, where, "not an object with a type")
                continue
            needs_id = member == "credentialSchema"
            if (needs_id or "id" in value) and not is_url(value.get("id")):
                self._wrong(CheckId.STRUCTURE, f"{where}/id", "not a single URL")


def _has_type(value: Json) -> bool:
    found = [item for _, item in entries(value)]
    return bool(found) and all(isinstance(item, str) and item for item in found)
