"""What every did:webvh document has implicitly, and the did:web that may be published beside it."""

from collections.abc import Mapping

import orjson

from resolver.document import DidDocument, Service
from resolver.errors import ErrorCode, ResolutionError
from resolver.methods.webvh.address import PREFIX, Address
from resolver.strict_json import Json

FILES = "#files"
WHOIS = "#whois"
_WHOIS_PATH = "/whois"


def with_implicit_services(state: Mapping[str, Json], address: Address) -> dict[str, Json]:
    """A document with its `#files` and `#whois` services, where it does not define them itself.

    Args:
        state: the document, as it stands in the log.
        address: that of the document's own id (did:webvh 1.0, DID URL Resolution).
    """
    listed = state.get("service", [])
    if not isinstance(listed, list):
        return {**state}  # malformed; whoever parses it says so
    names = {item.get("id") for item in listed if isinstance(item, dict)}
    implicit = [
        service
        for name, service in ((FILES, _files(address)), (WHOIS, _whois(address)))
        if names.isdisjoint({name, address.did + name})
    ]
    return {**state, "service": [*listed, *implicit]} if implicit else {**state}


def _files(address: Address) -> dict[str, Json]:
    return {
        "id": address.did + FILES,
        "type": "relativeRef",
        "serviceEndpoint": f"{address.base}/",
    }


def _whois(address: Address) -> dict[str, Json]:
    return {
        "@context": "https://identity.foundation/linked-vp/contexts/v1",
        "id": address.did + WHOIS,
        "type": "LinkedVerifiablePresentation",
        "serviceEndpoint": f"{address.base}/whois.vp",
    }


def path_target(document: DidDocument, path: str) -> str:
    """The URL that a DID URL with a path means (did:webvh 1.0, DID URL Path Resolution).

    Args:
        document: the resolved document of a did:webvh.
        path: the path of the DID URL, with its leading slash; `/whois` is the presentation.

    Raises:
        ResolutionError: NOT_FOUND where the document has no such service, INVALID_DID where its
            endpoint is not an HTTPS URL.
    """
    name = WHOIS if path == _WHOIS_PATH else FILES
    service = _service(document, name)
    if service is None:
        raise ResolutionError(ErrorCode.NOT_FOUND, f"the document has no service {name}")
    endpoint = service.endpoint
    if not isinstance(endpoint, str) or not endpoint.startswith("https://"):
        raise ResolutionError(ErrorCode.INVALID_DID, f"the endpoint of {name} is no https URL")
    return endpoint if name == WHOIS else endpoint.removesuffix("/") + path


def _service(document: DidDocument, name: str) -> Service | None:
    absolute = document.id.text + name
    return next((each for each in document.services if each.id == absolute), None)


def parallel_web(state: Mapping[str, Json], address: Address) -> dict[str, Json]:
    """The document of the did:web beside a did:webvh (Publishing a Parallel did:web DID).

    Args:
        state: the document of the did:webvh.
        address: that of its id.
    """
    full = with_implicit_services(state, address)
    text = orjson.dumps(full).replace(f"{PREFIX}{address.scid}:".encode(), b"did:web:")
    document: dict[str, Json] = orjson.loads(text)
    names = document.get("alsoKnownAs")
    kept = [name for name in names if name != address.web_did] if isinstance(names, list) else []
    document["alsoKnownAs"] = [*dict.fromkeys(map(str, [*kept, address.did]))]
    return document
