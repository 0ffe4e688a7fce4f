import warnings

from resolver.did import Did
from resolver.document import parse_document
from resolver.second_opinion import second_opinion
from resolver.signing import PrivateKey
from resolver.strict_json import Json

DID = Did.parse("did:web:a.example")
KEY = PrivateKey.from_seed(bytes(32)).public


def opinion(**members: Json) -> str | None:
    context: list[Json] = ["https://www.w3.org/ns/did/v1"]
    return second_opinion(parse_document({"@context": context, "id": DID.text, **members}, DID))


def test_a_plain_document_is_accepted() -> None:
    method: Json = {
        "id": f"{DID}#a",
        "type": "Multikey",
        "controller": DID.text,
        "publicKeyMultibase": KEY.multikey,
    }
    assert opinion(verificationMethod=[method], authentication=[f"{DID}#a"]) is None


def test_what_only_the_second_implementation_refuses_is_said_in_one_line() -> None:
    complaint = opinion(service=[{"type": "X", "serviceEndpoint": "https://a.example"}])
    assert complaint is not None
    assert "service.0.id" in complaint
    assert "\n" not in complaint


def test_it_warns_nobody() -> None:
    method: Json = {"id": f"{DID}#a", "type": "NoSuchType2031", "controller": DID.text}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opinion(verificationMethod=[method])
