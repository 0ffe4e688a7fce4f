"""What became of a DID, and how the standard writes it (W3C DID Resolution, CR 2).

A result is written here alone, whichever way it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from resolver.document import DidDocument
from resolver.errors import ErrorCode, ResolutionError
from resolver.instant import SECOND, Instant, format_instant
from resolver.methods import DocumentMetadata, Provenance, Resolved
from resolver.options import DOCUMENT_TYPE
from resolver.strict_json import Json

ERROR_TYPES = "https://www.w3.org/ns/did#"
CID_ERROR_TYPES = "https://w3id.org/security#"
"""Two errors are of Controlled Identifiers 1.0, 3.5, which gives them addresses of its own."""
_OF_CID = frozenset(
    {
        ErrorCode.INVALID_VERIFICATION_METHOD,
        ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD,
    }
)
_TITLES: Mapping[ErrorCode, str] = {
    ErrorCode.INVALID_DID: "Invalid DID",
    ErrorCode.INVALID_DID_URL: "Invalid DID URL",
    ErrorCode.INVALID_DID_DOCUMENT: "Invalid DID document",
    ErrorCode.INVALID_OPTIONS: "Invalid resolution options",
    ErrorCode.NOT_FOUND: "Not found",
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: "Representation not supported",
    ErrorCode.METHOD_NOT_SUPPORTED: "DID method not supported",
    ErrorCode.FEATURE_NOT_SUPPORTED: "Feature not supported",
    ErrorCode.INTERNAL_ERROR: "The DID could not be resolved",
    ErrorCode.INVALID_VERIFICATION_METHOD: "Not a verification method",
    ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD: (
        "The verification method is not authorised for this"
    ),
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a DID: a document, or why there is none.

    Attributes:
        asked: when it was resolved.
        resolved: what the method knows; None on an error.
        error: why there is nothing, or None.
        content_type: the media type of the document.
        content: the document's JSON in the form that was asked for; not to be changed.
    """

    asked: Instant
    resolved: Resolved | None = None
    error: ResolutionError | None = None
    content_type: str = DOCUMENT_TYPE
    content: dict[str, Json] | None = None

    @property
    def document(self) -> DidDocument | None:
        """The document; None on an error, and where the DID is deactivated."""
        return None if self.resolved is None else self.resolved.document

    @property
    def deactivated(self) -> bool:
        """Whether the DID was ended by its controller; that is no error (step 5.2)."""
        if self.resolved is None:
            return False
        return self.resolved.document is None or self.resolved.metadata.deactivated

    def metadata(self) -> dict[str, Json]:
        """How the resolution went (DID Resolution, section DID Resolution Metadata)."""
        if self.error is not None:
            return {"error": problem(self.error)}
        provenance = Provenance() if self.resolved is None else self.resolved.provenance
        return {"contentType": self.content_type, **_provenance(provenance, self.asked)}

    def document_metadata(self) -> dict[str, Json]:
        """What is known of the document (DID Resolution, section DID Document Metadata)."""
        if self.resolved is None:
            return {}
        return _document_metadata(self.resolved.metadata, deactivated=self.deactivated)

    def json(self) -> dict[str, Json]:
        """The whole result (DID Resolution, section DID Resolution Result)."""
        return {
            "didDocument": self.content,
            "didResolutionMetadata": self.metadata(),
            "didDocumentMetadata": self.document_metadata(),
        }

    def body(self) -> bytes:
        """The whole result as JSON."""
        return orjson.dumps(self.json())


def problem(error: ResolutionError) -> dict[str, Json]:
    """Write an error as RFC 9457 does (DID Resolution, section Errors)."""
    return {
        "type": (CID_ERROR_TYPES if error.code in _OF_CID else ERROR_TYPES) + error.code,
        "title": _TITLES[error.code],
        "detail": str(error),
    }


def _provenance(provenance: Provenance, asked: Instant) -> dict[str, Json]:
    """Whether the answer was kept, how old it is, and whose word it is; nothing if it is pure."""
    if provenance == _FROM_THE_IDENTIFIER:
        return {}
    fetched = asked if provenance.fetched is None else provenance.fetched
    metadata: dict[str, Json] = {
        "retrieved": _whole_seconds(fetched),
        "cached": provenance.cached,
        "stale": provenance.stale,
        "age": max(0, asked - fetched) // SECOND,
    }
    if provenance.source is not None:
        metadata["source"] = provenance.source
    if provenance.via is not None:
        metadata["via"] = provenance.via
    return metadata


_FROM_THE_IDENTIFIER = Provenance()


def _document_metadata(known: DocumentMetadata, *, deactivated: bool) -> dict[str, Json]:
    instants = {
        "created": known.created,
        "updated": known.updated,
        "nextUpdate": known.next_update,
    }
    texts = {
        "versionId": known.version_id,
        "nextVersionId": known.next_version_id,
        "canonicalId": known.canonical_id,
    }
    metadata: dict[str, Json] = {
        **known.others,
        **{
            name: _whole_seconds(instant)
            for name, instant in instants.items()
            if instant is not None
        },
        **{name: text for name, text in texts.items() if text is not None},
    }
    if known.equivalent_id:
        metadata["equivalentId"] = list(known.equivalent_id)
    if deactivated:
        metadata["deactivated"] = True
    return metadata


def _whole_seconds(instant: Instant) -> str:
    return format_instant(Instant(instant // SECOND * SECOND))
