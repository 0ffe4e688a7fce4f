"""The registers of the UN Transparency Protocol: identifier schemes, conformity, software."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from trust_registry.fields import Closed
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.sources import Source, read_as

_Entry = TypeVar("_Entry")


class _Named(Closed):
    id: str
    name: str


class _Register(Closed, Generic[_Entry]):
    id: str
    name: str
    last_updated: Annotated[str, Field(alias="lastUpdated")]
    registrar: _Named
    entries: tuple[_Entry, ...]
    description: str = ""


class _IdScheme(Closed):
    id: str
    name: str
    register_type: Annotated[str, Field(alias="registerType")]
    registrar_name: Annotated[str, Field(alias="registrarName")]
    registrar_id: Annotated[str, Field(alias="registrarId")]
    description: str = ""
    legal_basis: Annotated[str, Field(alias="legalBasis")] = ""
    pattern: Annotated[str, Field(alias="registeredIdPattern")] = ""
    example: Annotated[str, Field(alias="registeredIdExample")] = ""
    template: Annotated[str, Field(alias="registeredIdUriTemplate")] = ""
    query: Annotated[str, Field(alias="queryEndpoint")] = ""
    resolver: Annotated[str, Field(alias="resolverEndpoint")] = ""
    country: Annotated[str, Field(alias="countryCode")] = ""
    documentation: str = ""


class _Endorsement(Closed):
    name: str
    authority: Annotated[_Named, Field(alias="issuingAuthority")]
    trustmark: object = None
    evidence: Annotated[object, Field(alias="endorsementEvidence")] = None


class _Scheme(Closed):
    id: str
    name: str
    owner: _Named
    type: tuple[str, ...] = ()
    description: str = ""
    level: Annotated[str, Field(alias="endorsementLevel")] = ""
    endorsement: _Endorsement | None = None
    documentation: str = ""
    vocabulary: Annotated[str, Field(alias="vocabularyURL")] = ""
    licence: Annotated[str, Field(alias="licenseType")] = ""
    established: Annotated[str, Field(alias="establishedDate")] = ""
    countries: Annotated[object, Field(alias="geographicScope")] = None
    industries: Annotated[object, Field(alias="industryScope")] = None
    trustmark: object = None


class _Implementer(Closed):
    id: str
    name: str
    website: str
    status: str
    committed: Annotated[str, Field(alias="commitmentDate")]
    parts: Annotated[tuple[str, ...], Field(alias="untpScope")]
    products: tuple[object, ...]
    description: str = ""
    country: Annotated[str, Field(alias="registrationCountry")] = ""
    operating: Annotated[str, Field(alias="operatingCountries")] = ""
    pilot: Annotated[bool, Field(alias="pilotParticipation")] = False
    industries: Annotated[tuple[object, ...], Field(alias="industryFocus")] = ()


def read_idr(source: Source) -> Drafts:
    """Draft, from the register of identifier schemes, registrars and what each id means.

    Raises:
        ImportRefusedError: it is no such register; the error gives a JSON pointer.
    """
    drafting = Drafting(source)
    for number, entry in enumerate(read_as(_Register[_IdScheme], source).entries):
        where = f"/entries/{number}"
        _entry(drafting, where, entry.id, _Named(id=entry.registrar_id, name=entry.registrar_name))
        for left, why in (
            (entry.country, "countryCode: jurisdictions here are ISO 3166-1 alpha-2 or 3166-2"),
            (entry.legal_basis, "legalBasis: a legal basis here needs the document's SHA-256"),
            (entry.resolver, "resolverEndpoint: links are published by a link resolver"),
            (entry.pattern, "registeredIdPattern: a registry of authority checks no identifiers"),
        ):
            if left:
                drafting.remark(where, f"{why}, so {left!r} is not carried over.")
    return drafting.done()


def read_cvc(source: Source) -> Drafts:
    """Draft, from the register of conformity schemes, owners and what each id means.

    Raises:
        ImportRefusedError: it is no such register; the error gives a JSON pointer.
    """
    drafting = Drafting(source)
    for number, entry in enumerate(read_as(_Register[_Scheme], source).entries):
        where = f"/entries/{number}"
        _entry(drafting, where, entry.id, entry.owner)
        if entry.level:
            drafting.remark(
                where, f"The endorsement level {entry.level!r} grants nothing by itself."
            )
        if entry.endorsement:
            name = entry.endorsement.authority.name
            drafting.remark(where, f"That {name!r} endorses the scheme is a claim, not verified.")
        if entry.countries or entry.industries:
            drafting.remark(
                where, "Countries and industries narrow nothing: state them in the scope."
            )
    return drafting.done()


def read_swi(source: Source) -> Drafts:
    """Draft, from the register of software, its implementers and what each entry's id means.

    Raises:
        ImportRefusedError: it is no such register; the error gives a JSON pointer.
    """
    drafting = Drafting(source)
    for number, entry in enumerate(read_as(_Register[_Implementer], source).entries):
        where = f"/entries/{number}"
        _entry(drafting, where, entry.id, _Named(id=entry.id, name=entry.name))
        drafting.remark(
            where,
            f"Status {entry.status!r}, commitment and {len(entry.products)} products with their "
            "test results say what software does, not what anybody may issue.",
        )
    return drafting.done()


def _entry(drafting: Drafting, where: str, id_: str, holder: _Named) -> None:
    """Draft whoever answers for an entry, and what the mapping says of the entry's id."""
    did = drafting.did(where, holder.id)
    if did is not None:
        drafting.party(where, did, holder.name, identifiers=[holder.id])
        drafting.grant(where, id_, did)
