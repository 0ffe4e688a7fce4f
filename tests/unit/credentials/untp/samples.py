"""The same facts of one copper mine and its concentrate, written in each version's own shape."""

from copy import deepcopy
from typing import Any

from credentials.reading import read_credential
from credentials.untp import UntpCredential, parse_untp

V2 = "https://www.w3.org/ns/credentials/v2"
AUDITOR = "did:web:highland-assurance.example"
OPERATOR = "did:web:rio-verde-copper.example"
OPERATOR_URI = "https://registro.example/empresas/77123"
MINE = "https://facilities.example/cl/quebrada-alta"
LOT = "https://id.gs1.org/01/09506000134352/10/QA-2026-07"
GTIN = "https://id.gs1.org/01/09506000134352"
SCHEME = "https://responsible-copper.example/standard"
PROFILE = "https://responsible-copper.example/standard/v3"
WATER = f"{SCHEME}#water"
TAILINGS = f"{SCHEME}#tailings"
TOPIC = "https://vocabulary.uncefact.org/conformity-topic"
VERSIONS = ("0.5.0", "0.6.1", "0.7.0")
LONG = {
    "dcc": "DigitalConformityCredential",
    "dpp": "DigitalProductPassport",
    "dfr": "DigitalFacilityRecord",
    "dte": "DigitalTraceabilityEvent",
    "dia": "DigitalIdentityAnchor",
}

# JSON as tests bend it: any shape at all.
Body = dict[str, Any]


def context(kind: str, version: str) -> str:
    if version.startswith("0.7"):
        return f"https://vocabulary.uncefact.org/untp/{version}/context/"
    if kind == "dia" and version.startswith("0.5"):
        version = "0.2.1"
    return f"https://test.uncefact.org/vocabulary/untp/{kind}/{version}/"


def credential(kind: str, version: str, subject: object, issuer: str = AUDITOR) -> Body:
    return {
        "@context": [V2, context(kind, version)],
        "type": [LONG[kind], "VerifiableCredential"],
        "id": f"https://credentials.example/{kind}/1",
        "name": "Quebrada Alta",
        "issuer": {"type": ["CredentialIssuer"], "id": issuer, "name": "Issuer"},
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": deepcopy(subject),
    }


def read(body: Body) -> UntpCredential:
    return parse_untp(read_credential(body))


def plain(parsed: UntpCredential) -> list[dict[str, str]]:
    """Each claim as a plain dict of its values."""
    return [
        {dimension.value: value.value for dimension, value in found.claim.values.items()}
        for found in parsed.claims
    ]


def _place(version: str) -> Body:
    country = {"countryCode": "CL", "countryName": "Chile"}
    site: Body = {"id": MINE, "name": "Quebrada Alta"}
    if version == "0.5.0":
        return site | {"address": {"addressCountry": "CL"}, "IDverifiedByCAB": True}
    if version == "0.6.1":
        return {"facility": site | {"address": {"addressCountry": country}}}
    return {"facility": site | {"countryOfOperation": country}, "idVerifiedByCAB": True}


def _goods(version: str) -> Body:
    goods: Body = {
        "id": LOT,
        "name": "Copper concentrate",
        "productCategory": [
            {
                "code": "2603.00",
                "name": "Copper ores and concentrates",
                "schemeID" if version != "0.7.0" else "schemeId": "https://www.wcoomd.org/hs",
                "schemeName": "Harmonized System",
            }
        ],
    }
    return goods if version == "0.5.0" else {"product": goods}


def _criteria(version: str) -> list[Body]:
    water: Body = {"type": ["Criterion"], "id": WATER, "name": "Water stewardship"}
    if version == "0.6.1":
        water["conformityTopic"] = "environment.water"
    if version == "0.7.0":
        water["conformityTopic"] = {"id": f"{TOPIC}/environment-water", "name": "Water"}
    return [water]


def dcc(version: str) -> Body:
    subject: Body = {
        "type": ["ConformityAttestation"],
        "id": "https://highland-assurance.example/certificates/88",
        "name": "Responsible copper certificate",
        "assessorLevel": "3rdParty",
        "assessmentLevel": "authority-mandate" if version == "0.7.0" else "GovtApproval",
        "attestationType": "certification",
        "issuedToParty": {"id": OPERATOR_URI, "name": "Rio Verde Copper"},
    }
    assessment: Body = {
        "type": ["ConformityAssessment"],
        "id": "https://highland-assurance.example/assessments/88-1",
        "assessmentDate": "2026-02-11",
        "assessmentCriteria": _criteria(version),
        "assessedFacility": [_place(version)],
        "assessedProduct": [_goods(version)],
        "assessedOrganisation": {"id": OPERATOR, "name": "Rio Verde Copper SpA"},
        "conformance": True,
        "conformityTopic": "environment.water",
    }
    scheme = {"id": SCHEME, "name": "Responsible Copper Standard"}
    if version == "0.7.0":
        assessment["conformityTopic"] = [{"id": f"{TOPIC}/environment-water", "name": "Water"}]
        subject |= {"referenceScheme": scheme, "conformityAssessment": [assessment]}
    else:
        subject |= {"scope": scheme, "assessment": [assessment]}
    return credential("dcc", version, subject)


def dpp(version: str) -> Body:
    new = version == "0.7.0"
    country = {"countryCode": "CL"} if new else "CL"
    goods: Body = _goods(version)
    goods = goods.get("product", goods) | {
        "type": ["Product"],
        "producedAtFacility": {"id": MINE, "name": "Quebrada Alta"},
        "countryOfProduction": country,
    }
    if new:
        party = {"id": OPERATOR, "name": "Rio Verde Copper"}
        goods["relatedParty"] = [
            {"role": "importer", "party": {"id": "did:web:harbour.example"}},
            {"role": "manufacturer", "party": party},
        ]
    else:
        goods["producedByParty"] = {"id": OPERATOR, "name": "Rio Verde Copper"}
    standard = {"id": SCHEME, "name": "Responsible Copper Standard"}
    claim: Body = {
        "type": ["Claim"],
        "id": "https://rio-verde-copper.example/claims/1",
        "name": "Water use",
        "referenceCriteria" if new else "assessmentCriteria": _criteria(version),
        "referenceStandard": [standard] if new else standard,
        "conformityTopic": f"{TOPIC}/environment-water" if new else "environment.water",
    }
    if not new:
        claim["conformance"] = True
    claims = {"performanceClaim" if new else "conformityClaim": [claim]}
    subject = goods | claims
    if version == "0.6.1":
        subject = {"type": ["ProductPassport"], "product": goods, **claims}
    return credential("dpp", version, subject, OPERATOR)


def dfr(version: str) -> Body:
    new = version == "0.7.0"
    site: Body = {
        "type": ["Facility"],
        "id": MINE,
        "name": "Quebrada Alta",
        "countryOfOperation": {"countryCode": "CL"} if new else "CL",
        "processCategory": [
            {
                "code": "14210",
                "name": "Copper",
                "schemeId"
                if new
                else "schemeID": "https://unstats.un.org/unsd/classifications/Econ/cpc/",
                "schemeName": "UN CPC",
            },
            {"code": "M1", "name": "Mining", "schemeName": "Own"},
        ],
    }
    if new:
        site["relatedParty"] = [
            {"role": "operator", "party": {"id": OPERATOR, "name": "Rio Verde"}}
        ]
    else:
        site["operatedByParty"] = {"id": OPERATOR, "name": "Rio Verde Copper"}
    subject = {"type": ["FacilityRecord"], "facility": site} if version == "0.6.1" else site
    return credential("dfr", version, subject, OPERATOR)


def dia(version: str) -> Body:
    subject: Body = {
        "type": ["RegisteredIdentity"],
        "id": OPERATOR,
        "registeredId": "77123",
        "idScheme": {"id": "https://registro.example", "name": "Company register"},
    }
    if version == "0.7.0":
        subject |= {
            "registeredName": "Rio Verde Copper SpA",
            "registeredDate": "2011-04-02",
            "registerType": "business",
            "registrationScope": ["https://registro.example/scope/mining-company"],
        }
    else:
        subject |= {
            "name": "Rio Verde Copper SpA",
            "registerType": "Business",
            "registrationScopeList": ["https://registro.example/scope/mining-company"],
        }
    return credential("dia", version, subject, "did:web:registro.example")


def dte(version: str) -> Body:
    if version == "0.7.0":
        event: Body = {
            "type": ["MakeEvent", "LifecycleEvent"],
            "id": "https://rio-verde-copper.example/events/1",
            "name": "Concentrate lot",
            "activityType": {"code": "c", "name": "Concentrating", "schemeName": "Own"},
            "inputProduct": [{"product": {"id": "urn:example:ore", "name": "Copper ore"}}],
            "outputProduct": [{"product": {"id": LOT, "name": "Lot 7"}}],
            "madeAtFacility": {"id": MINE, "name": "Quebrada Alta"},
        }
    else:
        event = {
            "type": ["TransformationEvent", "Event"],
            "id": "https://rio-verde-copper.example/events/1",
            "processType": "Concentrating",
            "bizLocation": MINE,
            "inputEPCList": [{"id": "urn:example:ore", "name": "Copper ore"}],
            "outputEPCList": [{"id": LOT, "name": "Lot 7"}],
            "outputQuantityList": [{"productId": LOT, "productName": "Lot 7", "quantity": 20}],
        }
    return credential("dte", version, [event], OPERATOR)


MAKERS = {"dcc": dcc, "dpp": dpp, "dfr": dfr, "dia": dia, "dte": dte}
ALL = [(kind, version) for kind in MAKERS for version in VERSIONS]


def sample(kind: str, version: str) -> Body:
    return MAKERS[kind](version)
