"""Issuers of EBSI's Trusted Issuers Registry v5: `GET /issuers/{did}` answers, one or a list."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from credentials.errors import CredentialError
from credentials.vc_jwt import credential_of
from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import Instant, format_instant, parse_instant
from resolver.strict_json import Json, parse_json
from trust_registry.fields import Closed, DidMember
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.pointers import first_fault
from trust_registry.imports.sources import Source, json_of
from trust_registry.imports.tokens import read_token, verify_token

Role = Literal["Undefined", "RootTAO", "TAO", "TI", "Revoked"]


_NOTHING = {
    "Revoked": "The accreditation is revoked",
    "Undefined": "A place was reserved, and no accreditation is in it yet",
}
_ONE_WORD = r"^\S+$"
_MOST_LIMITS = 300
"""Jurisdictions of one accreditation; there are fewer countries."""
TYPES = {
    "RootTAO": "VerifiableAuthorisationForTrustChain",
    "TAO": "VerifiableAccreditationToAccredit",
    "TI": "VerifiableAccreditationToAttest",
}
"""The type of the credential that gives a role; the list's own word for the role is not signed."""


def _several(value: object) -> object:
    """Read one jurisdiction as several; EBSI's schema admits both."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class _Attribute(Closed):
    hash: str
    body: str | dict[str, object]
    role: Annotated[Role | Literal[0, 1, 2, 3, 4], Field(alias="issuerType")]
    tao: DidMember | Literal[""] = ""
    root: Annotated[object, Field(alias="rootTao")] = None


class _Issuer(Closed):
    did: DidMember
    attributes: tuple[_Attribute, ...]


class _Accredited(Closed):
    schema_id: Annotated[str, Field(alias="schemaId", pattern=_ONE_WORD)]
    types: tuple[str, ...] = ()
    jurisdictions: Annotated[
        tuple[Annotated[str, Field(pattern=_ONE_WORD)], ...] | None,
        Field(alias="limitJurisdiction", min_length=1, max_length=_MOST_LIMITS),
        BeforeValidator(_several),
    ] = None


class _Subject(Closed):
    id: DidMember
    accredited_for: Annotated[tuple[_Accredited, ...], Field(alias="accreditedFor")] = ()
    attribute: Annotated[object, Field(alias="reservedAttributeId")] = None


@dataclass(frozen=True, slots=True)
class _Accreditation:
    """What a body says.

    Attributes:
        issuer: who accredits.
        types: what kind of credential it is.
        subject: whom, and for what.
        begins: since when.
        ends: until when.
    """

    issuer: str
    types: tuple[str, ...]
    subject: _Subject
    begins: Instant | None
    ends: Instant | None


_ISSUERS: TypeAdapter[tuple[_Issuer, ...]] = TypeAdapter(tuple[_Issuer, ...])
_NUMBERS = get_args(Role)


def word_of(role: str, schema_id: str = "", jurisdiction: str | None = None) -> str:
    """Return the word that an accreditation is, with the limits that it must not lose."""
    return " ".join(each for each in (role, schema_id, jurisdiction) if each)


def _words(role: str, accredited: _Accredited) -> list[str]:
    """Return a word for each jurisdiction, or one where there is no such limit."""
    limits = accredited.jurisdictions or (None,)
    return [word_of(role, accredited.schema_id, each) for each in limits]


def read_ebsi_issuers(source: Source) -> Drafts:
    """Draft each issuer that the mapping names, and what the mapping says of its accreditations.

    The words are `TI <schemaId>`, `TAO <schemaId>` or `RootTAO <schemaId>`, followed by the
    jurisdiction where an accreditation is limited to one, once for each; and the role alone where
    an accreditation names no schema, as those of a RootTAO. A body is verified where the mapping
    has keys of who signed it, and else marked as not verified.

    Raises:
        ImportRefusedError: it is no such list, or a body is not signed with the keys given.
    """
    drafting = Drafting(source)
    for number, issuer in enumerate(_issuers(source)):
        where = f"/{number}"
        name = source.meanings.names.get(issuer.did.text)
        if name is not None:
            drafting.party(where, issuer.did, name)
        elif issuer.did not in source.registered:
            drafting.remark(where, f"The mapping has no name for {issuer.did}: not registered.")
        for count, attribute in enumerate(issuer.attributes):
            place = f"{where}/attributes/{count}"
            _attribute(drafting, source, place, issuer.did, attribute)
    return drafting.done()


def _issuers(source: Source) -> tuple[_Issuer, ...]:
    value = json_of(source)
    if isinstance(value, dict):
        value = value.get("items", [value])
    try:
        return _ISSUERS.validate_json(json.dumps(value))
    except ValidationError as error:
        raise ImportRefusedError(*first_fault(error)) from None


def _attribute(
    drafting: Drafting, source: Source, where: str, did: Did, attribute: _Attribute
) -> None:
    written = attribute.role
    role = _NUMBERS[written] if isinstance(written, int) else written
    if role in _NOTHING:
        drafting.remark(where, f"{_NOTHING[role]}: nothing is granted.")
        return
    said = _opened(drafting, source, f"{where}/body", attribute)
    if said.subject.id != did:
        raise ImportRefusedError(f"{where}/body", f"is about {said.subject.id}, and not {did}")
    if TYPES[role] not in said.types:
        raise ImportRefusedError(f"{where}/body/type", f"is not {TYPES[role]}, as {role} have")
    if role != "RootTAO" and attribute.tao and said.issuer != str(attribute.tao):
        raise ImportRefusedError(f"{where}/tao", f"is not who issued the body, {said.issuer}")
    if said.ends is not None and said.ends <= source.now:
        drafting.remark(where, f"It ended on {format_instant(said.ends)}: nothing is granted.")
        return
    by = None if role == "RootTAO" else Did.parse(said.issuer)
    if by == did:
        drafting.remark(where, "It accredits itself: nothing is granted.")
    else:
        _grant(drafting, source, where, role, said, by)


def _grant(
    drafting: Drafting,
    source: Source,
    where: str,
    role: str,
    said: _Accreditation,
    by: Did | None,
) -> None:
    """Draft what the mapping says of each word; a limit to types must be in what it says."""
    given = [
        (f"{where}/accreditedFor/{number}", word, each.types)
        for number, each in enumerate(said.subject.accredited_for)
        for word in _words(role, each)
    ]
    for place, word, types in given or [(where, word_of(role), ())]:
        if types and _admits_any_type(source, word):
            drafting.remark(
                place,
                f"It is limited to the types {', '.join(types)}, and the mapping of {word!r} "
                "states no credential_type: nothing is granted.",
            )
            continue
        ends, did = said.ends, said.subject.id
        drafting.grant(place, word, did, by=by, valid_from=said.begins, valid_until=ends)


def _admits_any_type(source: Source, word: str) -> bool:
    scope = source.meanings.grants.get(word, {}).get("scope")
    return isinstance(scope, dict) and scope.get("credential_type") == "any"


def _opened(
    drafting: Drafting, source: Source, where: str, attribute: _Attribute
) -> _Accreditation:
    """Open a body, verify it where a key is at hand, and say where it was not."""
    if isinstance(attribute.body, dict):
        said = _read(drafting, where, _parsed(attribute.body))
        if said.issuer in source.meanings.keys:
            message = f"is not signed, and the mapping has keys of {said.issuer}"
            raise ImportRefusedError(where, message)
        drafting.remark(where, "The body is not signed.")
        return said
    if attribute.hash.removeprefix("0x") != sha256(attribute.body.encode()).hexdigest():
        drafting.remark(where, "Its hash is not the SHA-256 of the body.")
    jws, claims = read_token(where, attribute.body)
    said = _read(drafting, where, claims)
    keys = source.meanings.keys.get(said.issuer)
    if keys is None:
        drafting.remark(where, f"Not verified: the mapping has no key of {said.issuer}.")
    else:
        verify_token(where, jws, keys)
    return said


def _parsed(body: dict[str, object]) -> dict[str, Json]:
    value = parse_json(json.dumps(body))
    return value if isinstance(value, dict) else {}


def _read(drafting: Drafting, where: str, claims: dict[str, Json]) -> _Accreditation:
    credential = claims
    if "vc" in claims:
        try:
            credential, problems = credential_of(claims)
        except CredentialError as error:
            raise ImportRefusedError(where, str(error)) from None
        if problems:
            raise ImportRefusedError(where, f"{problems[0].pointer}: {problems[0].message}")
    if "credentialStatus" in credential:
        drafting.remark(where, "Its status list was not looked at.")
    issuer, types = credential.get("issuer"), credential.get("type")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    try:
        return _Accreditation(
            Did.parse(issuer if isinstance(issuer, str) else "").text,
            tuple(map(str, types)) if isinstance(types, list) else (),
            _Subject.model_validate_json(json.dumps(credential.get("credentialSubject"))),
            _time(credential, "validFrom", "issuanceDate"),
            _time(credential, "validUntil", "expirationDate"),
        )
    except ValidationError as error:
        place, what = first_fault(error)
        raise ImportRefusedError(f"{where}/credentialSubject{place}", what) from None
    except (InvalidDidError, InvalidInstantError) as error:
        raise ImportRefusedError(where, str(error)) from None


def _time(credential: dict[str, Json], *names: str) -> Instant | None:
    value = next((credential[name] for name in names if name in credential), None)
    return None if value is None else parse_instant(str(value))
