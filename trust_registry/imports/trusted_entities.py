"""Lists of trusted entities in JSON (ETSI TS 119 602 v1.1.1)."""

from typing import Annotated

from pydantic import Field

from resolver.did import Did
from resolver.proofs.jose import Jws
from resolver.strict_json import Json
from trust_registry.fields import Closed, InstantMember
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.sources import MAX_SOURCE, Source, read_as
from trust_registry.imports.tokens import open_token, verify_token


class _Text(Closed):
    lang: str
    value: str


class _Uri(Closed):
    lang: str
    value: Annotated[str, Field(alias="uriValue")]


class _Scheme(Closed):
    version: Annotated[int, Field(alias="LoTEVersionIdentifier")]
    sequence: Annotated[int, Field(alias="LoTESequenceNumber")]
    operator: Annotated[tuple[_Text, ...], Field(alias="SchemeOperatorName", min_length=1)]
    issued: Annotated[InstantMember, Field(alias="ListIssueDateTime")]
    next_update: Annotated[InstantMember, Field(alias="NextUpdate")]
    type: Annotated[object, Field(alias="LoTEType")] = None
    address: Annotated[object, Field(alias="SchemeOperatorAddress")] = None
    name: Annotated[object, Field(alias="SchemeName")] = None
    information: Annotated[object, Field(alias="SchemeInformationURI")] = None
    determination: Annotated[object, Field(alias="StatusDeterminationApproach")] = None
    rules: Annotated[object, Field(alias="SchemeTypeCommunityRules")] = None
    territory: Annotated[object, Field(alias="SchemeTerritory")] = None
    policy: Annotated[object, Field(alias="PolicyOrLegalNotice")] = None
    history: Annotated[object, Field(alias="HistoricalInformationPeriod")] = None
    pointers: Annotated[tuple[object, ...], Field(alias="PointersToOtherLoTE")] = ()
    distribution: Annotated[object, Field(alias="DistributionPoints")] = None
    extensions: Annotated[object, Field(alias="SchemeExtensions")] = None


class _Identity(Closed):
    certificates: Annotated[tuple[object, ...], Field(alias="X509Certificates")] = ()
    subjects: Annotated[tuple[object, ...], Field(alias="X509SubjectNames")] = ()
    keys: Annotated[tuple[object, ...], Field(alias="PublicKeyValues")] = ()
    key_ids: Annotated[tuple[object, ...], Field(alias="X509SKIs")] = ()
    others: Annotated[tuple[str, ...], Field(alias="OtherIds")] = ()


class _Service(Closed):
    name: Annotated[tuple[_Text, ...], Field(alias="ServiceName", min_length=1)]
    identity: Annotated[_Identity, Field(alias="ServiceDigitalIdentity")]
    type: Annotated[str | None, Field(alias="ServiceTypeIdentifier")] = None
    status: Annotated[str | None, Field(alias="ServiceStatus")] = None
    since: Annotated[InstantMember | None, Field(alias="StatusStartingTime")] = None
    scheme: Annotated[object, Field(alias="SchemeServiceDefinitionURI")] = None
    supply: Annotated[object, Field(alias="ServiceSupplyPoints")] = None
    definition: Annotated[object, Field(alias="ServiceDefinitionURI")] = None
    extensions: Annotated[object, Field(alias="ServiceInformationExtensions")] = None


class _Services(Closed):
    service: Annotated[_Service, Field(alias="ServiceInformation")]
    history: Annotated[tuple[object, ...], Field(alias="ServiceHistory")] = ()


class _Information(Closed):
    names: Annotated[tuple[_Text, ...], Field(alias="TEName", min_length=1)]
    address: Annotated[object, Field(alias="TEAddress")]
    uris: Annotated[tuple[_Uri, ...], Field(alias="TEInformationURI")]
    trade_names: Annotated[tuple[_Text, ...], Field(alias="TETradeName")] = ()
    extensions: Annotated[object, Field(alias="TEInformationExtensions")] = None


class _Entity(Closed):
    information: Annotated[_Information, Field(alias="TrustedEntityInformation")]
    services: Annotated[tuple[_Services, ...], Field(alias="TrustedEntityServices", min_length=1)]


class _List(Closed):
    scheme: Annotated[_Scheme, Field(alias="ListAndSchemeInformation")]
    entities: Annotated[tuple[_Entity, ...], Field(alias="TrustedEntitiesList")] = ()


class _Document(Closed):
    list: Annotated[_List, Field(alias="LoTE")]
    signature: object = None


def read_trusted_entities(source: Source) -> Drafts:
    """Draft each entity that has a DID, and what the mapping says of its services' types.

    Raises:
        ImportRefusedError: it is no such list, or one that has expired (6.3.15: it is discarded).
    """
    jws = None if source.data.lstrip().startswith(b"{") else _opened(source)
    document = read_as(_Document, source, jws.payload if jws else None)
    listed = document.list
    if listed.scheme.next_update <= source.now:
        place = "/LoTE/ListAndSchemeInformation/NextUpdate"
        raise ImportRefusedError(place, "the list has expired: fetch the next one")
    drafting = Drafting(source)
    for number, entity in enumerate(listed.entities):
        _entity(drafting, source, f"/LoTE/TrustedEntitiesList/{number}", entity)
    _verify(drafting, source, _english(listed.scheme.operator), jws)
    if listed.scheme.pointers:
        drafting.remark("", "Pointers to other lists were not followed.")
    return drafting.done()


def _opened(source: Source) -> Jws:
    """Open a list in the compact form of its signature (6.8)."""
    text = source.data.decode("ascii", errors="replace").strip()
    return open_token("", text, MAX_SOURCE)


def _verify(drafting: Drafting, source: Source, operator: str, jws: Jws | None) -> None:
    """Verify a list's signature where there are keys of its operator; else say that it was not."""
    keys = source.meanings.keys.get(operator)
    if keys is not None and jws is None:
        raise ImportRefusedError("", f"it is not signed, and the mapping has keys of {operator!r}")
    if keys is None or jws is None:
        drafting.remark("", "The list's signature was not verified: do that before you sign.")
    else:
        verify_token("", jws, keys)


def _entity(drafting: Drafting, source: Source, where: str, entity: _Entity) -> None:
    about = entity.information
    name = _english(about.names)
    others = [each for one in entity.services for each in one.service.identity.others]
    identifiers = (*others, *(each.value for each in about.uris), name)
    dids = drafting.dids(where, identifiers)
    if not dids:
        drafting.remark(where, f"{name!r} has no DID, in the list or by the mapping.")
        return
    trade_names: list[Json] = [*dict.fromkeys(each.value for each in about.trade_names)]
    named: list[Json] = [str(each) for each in dids]
    drafting.party(where, dids[0], name, dids=named, trading_names=trade_names)
    drafting.remark(where, "Addresses and information URIs are not carried over.")
    for number, each in enumerate(entity.services):
        place = f"{where}/TrustedEntityServices/{number}"
        own = drafting.dids(place, each.service.identity.others)
        _service(drafting, source, place, each, (own or dids)[0])


def _service(drafting: Drafting, source: Source, where: str, listed: _Services, did: Did) -> None:
    service = listed.service
    if listed.history:
        drafting.remark(where, "Its history is not carried over: acts say what holds from now on.")
    identity = service.identity
    if identity.certificates or identity.keys or identity.subjects or identity.key_ids:
        drafting.remark(where, "Certificates and keys are not carried over: a DID has its own.")
    if service.status is not None:
        meaning = source.meanings.statuses.get(service.status)
        if meaning != "active":
            what = "has ended" if meaning else "is not explained by the mapping"
            drafting.remark(where, f"Its status {service.status!r} {what}: nothing is granted.")
            return
    if service.type is None:
        drafting.remark(where, "The service has no type: nothing is granted.")
        return
    drafting.grant(where, service.type, did, valid_from=service.since)


def _english(texts: tuple[_Text, ...]) -> str:
    return next((each.value for each in texts if each.lang == "en"), texts[0].value)
