"""Credential bodies: UNTP 0.7.0 JSON from the few facts that the demo's data gives."""

from resolver.instant import format_instant
from resolver.strict_json import Json
from touchstone.demo.data import CredentialData, DemoData, PartyReference, instant_on

CONTEXTS: list[Json] = [
    "https://www.w3.org/ns/credentials/v2",
    "https://vocabulary.uncefact.org/untp/0.7.0/context/",
]
HARMONIZED_SYSTEM = "https://www.wcoomd.org/hs"
_TOPIC = "https://vocabulary.uncefact.org/conformity-topic/governance-compliance"
_TYPES = {
    "DCC": "DigitalConformityCredential",
    "DPP": "DigitalProductPassport",
    "DIA": "DigitalIdentityAnchor",
}


def credential_body(credential: CredentialData, data: DemoData) -> dict[str, Json]:
    """Return an unsigned credential."""
    issuer = data.parties[credential.issuer]
    subjects = {"DCC": _attestation, "DPP": _passport, "DIA": _identity}
    host = issuer.did.split(":")[2]
    return {
        "@context": list(CONTEXTS),
        "type": [_TYPES[credential.kind], "VerifiableCredential"],
        "id": f"https://{host}/credentials/{credential.id}",
        "name": f"{credential.name} (illustrative)",
        "issuer": {"type": ["CredentialIssuer"], "id": issuer.did, "name": issuer.name},
        "validFrom": format_instant(instant_on(credential.valid_from)),
        "credentialSubject": subjects[credential.kind](credential, data),
    }


def _attestation(credential: CredentialData, data: DemoData) -> Json:
    subject: dict[str, Json] = {
        "type": ["ConformityAttestation"],
        "id": f"urn:touchstone-demo:attestation:{credential.id}",
        "name": credential.name,
        "assessorLevel": credential.assessor_level,
        "assessmentLevel": credential.assessment_level,
        "attestationType": credential.activity,
        "issuedToParty": _party(credential.issued_to, data),
        "referenceScheme": {"type": ["ConformityScheme"], **_scheme(credential, data)},
        "conformityAssessment": [_assessment(credential, data)],
    }
    if credential.achievement is not None:
        subject["profileScore"] = {"code": credential.achievement}
    return subject


def _assessment(credential: CredentialData, data: DemoData) -> Json:
    scheme = _scheme(credential, data)
    assessment: dict[str, Json] = {
        "type": ["ConformityAssessment"],
        "id": f"urn:touchstone-demo:assessment:{credential.id}",
        "name": credential.name,
        "assessmentDate": credential.valid_from.isoformat(),
        "assessmentCriteria": [
            {
                "type": ["Criterion"],
                "id": f"{scheme['id']}#all",
                "name": "All criteria",
                "conformityTopic": _topic(),
            }
        ],
        "assessedPerformance": [
            {
                "metric": {
                    "type": ["PerformanceMetric"],
                    "id": f"{scheme['id']}#result",
                    "name": "Result",
                },
                "measure": {"value": 1, "unit": "C62"},
            }
        ],
        "conformityTopic": [_topic()],
        "conformance": True,
    }
    if credential.site is not None:
        assessment["assessedFacility"] = [
            {"facility": _facility(credential), "idVerifiedByCAB": True}
        ]
    if credential.product is not None:
        assessment["assessedProduct"] = [
            {"product": {"type": ["Product"], **_product(credential)}, "idVerifiedByCAB": False}
        ]
    return assessment


def _passport(credential: CredentialData, data: DemoData) -> Json:
    scheme = _scheme(credential, data)
    country = credential.site.country if credential.site else None
    return {
        "type": ["Product"],
        **_product(credential),
        "idScheme": {
            "type": ["IdentifierScheme"],
            "id": f"https://{data.parties[credential.issuer].did.split(':')[2]}",
            "name": "The maker's own identifiers",
        },
        "idGranularity": "model",
        "producedAtFacility": _facility(credential),
        "productionDate": credential.valid_from.isoformat(),
        "countryOfProduction": {"countryCode": country},
        "performanceClaim": [
            {
                "type": ["Claim"],
                "id": f"urn:touchstone-demo:claim:{credential.id}",
                "name": "Recycled content",
                "referenceCriteria": [
                    {
                        "type": ["Criterion"],
                        "id": f"{scheme['id']}#recycled-content",
                        "name": "Recycled content",
                    }
                ],
                "referenceStandard": [{"type": ["Standard"], **scheme}],
                "claimDate": credential.valid_from.isoformat(),
                "claimedPerformance": [
                    {
                        "metric": {
                            "type": ["PerformanceMetric"],
                            "id": f"{scheme['id']}#share",
                            "name": "Share of recycled material",
                        },
                        "measure": {"value": 16, "unit": "P1"},
                    }
                ],
                "conformityTopic": [_topic()],
            }
        ],
    }


def _identity(credential: CredentialData, data: DemoData) -> Json:
    register, party = credential.register_, credential.issued_to
    if register is None or party is None or credential.registered is None:
        raise ValueError(f"{credential.id}: an identity anchor needs a party and a register")
    return {
        "type": ["RegisteredIdentity"],
        "id": data.parties[party.did].did if party.did else party.id,
        "registeredName": party.name,
        "registeredId": party.registered_id,
        "registeredDate": credential.registered.isoformat(),
        "idScheme": {"type": ["IdentifierScheme"], "id": register.id, "name": register.name},
        "registerType": register.type,
        "registrationScope": [f"{register.id}/scope/company"],
    }


def _party(party: PartyReference | None, data: DemoData) -> Json:
    if party is None:
        return None
    identifier = data.parties[party.did].did if party.did else party.id
    return {"type": ["Party"], "id": identifier, "name": party.name}


def _scheme(credential: CredentialData, data: DemoData) -> dict[str, Json]:
    name = credential.scheme or ""
    return {"id": data.history.schemes[name], "name": name}


def _facility(credential: CredentialData) -> Json:
    site = credential.site
    if site is None:
        return None
    facility: dict[str, Json] = {"type": ["Facility"], "id": site.id, "name": site.name}
    if site.country is not None:
        facility["countryOfOperation"] = {"countryCode": site.country}
    return facility


def _product(credential: CredentialData) -> dict[str, Json]:
    product = credential.product
    if product is None:
        return {}
    described: dict[str, Json] = {"id": product.id, "name": product.name}
    if product.hs is not None:
        described["productCategory"] = [
            {
                "code": product.hs,
                "name": product.name,
                "schemeId": HARMONIZED_SYSTEM,
                "schemeName": "Harmonized System",
            }
        ]
    return described


def _topic() -> Json:
    return {"type": ["ConformityTopic"], "id": _TOPIC, "name": "Governance.Compliance"}
