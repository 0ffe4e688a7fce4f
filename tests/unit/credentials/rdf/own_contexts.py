"""Small contexts of our own."""

import orjson

BASE = "https://contexts.example/base"
MORE = "https://contexts.example/more"
LOOSE = "https://contexts.example/loose"
_VC = "https://www.w3.org/2018/credentials#"
_SEC = "https://w3id.org/security#"
_X = "https://terms.example/"
_DATE = {"@type": "http://www.w3.org/2001/XMLSchema#dateTime"}

CONTEXTS = {
    BASE: {
        "@context": {
            "@protected": True,
            "id": "@id",
            "type": "@type",
            "VerifiableCredential": f"{_VC}VerifiableCredential",
            "issuer": {"@id": f"{_VC}issuer", "@type": "@id"},
            "validFrom": {"@id": f"{_VC}validFrom", **_DATE},
            "validUntil": {"@id": f"{_VC}validUntil", **_DATE},
            "credentialStatus": {"@id": f"{_VC}credentialStatus", "@type": "@id"},
            "credentialSubject": {"@id": f"{_VC}credentialSubject", "@type": "@id"},
            "name": f"{_X}name",
            "proof": {"@id": f"{_SEC}proof", "@type": "@id", "@container": "@graph"},
            "DataIntegrityProof": f"{_SEC}DataIntegrityProof",
            "Ed25519Signature2020": f"{_SEC}Ed25519Signature2020",
            "cryptosuite": {"@id": f"{_SEC}cryptosuite", "@type": f"{_SEC}cryptosuiteString"},
            "created": {"@id": "http://purl.org/dc/terms/created", **_DATE},
            "expires": {"@id": f"{_SEC}expiration", **_DATE},
            "verificationMethod": {"@id": f"{_SEC}verificationMethod", "@type": "@id"},
            "proofPurpose": {"@id": f"{_SEC}proofPurpose", "@type": "@vocab"},
            "assertionMethod": f"{_SEC}assertionMethod",
            "domain": f"{_SEC}domain",
            "previousProof": {"@id": f"{_SEC}previousProof", "@type": "@id"},
            "proofValue": f"{_SEC}proofValue",
        }
    },
    MORE: {
        "@context": {
            "x": {"@id": _X, "@prefix": True},
            "Mine": f"{_X}Mine",
            "auditor": {"@id": f"{_X}Party", "@type": "@id"},
            "assessed": {"@id": f"{_X}Party", "@type": "@id"},
            "Party": f"{_X}Party",
            "Permit": f"{_X}Permit",
            "Licence": f"{_X}Permit",
            "points": f"{_X}points",
            "path": {"@id": f"{_X}path", "@container": "@list"},
            "data": {"@id": f"{_X}data", "@type": "@json"},
            "tags": f"{_X}tags",
            "unit": {"@id": f"{_X}unit", "@type": "@vocab", "@context": {"@vocab": f"{_X}units#"}},
            "filed": {"@id": f"{_X}filed", "@container": "@index"},
            "titles": {"@id": f"{_X}titles", "@container": "@language"},
            "rate": {"@id": f"{_X}rate", "@type": "http://www.w3.org/2001/XMLSchema#double"},
            "part": {"@id": f"{_X}part", "@type": "@id"},
            "whole": {"@reverse": f"{_X}part", "@type": "@id"},
            "nothing": None,
        }
    },
    LOOSE: {"@context": {"@vocab": "https://loose.example/"}},
}

RAW = {url: orjson.dumps(value) for url, value in CONTEXTS.items()}
