"""The resolver's errors: one small tree."""

from enum import StrEnum


class ResolverError(Exception):
    """Base of everything `resolver` raises on purpose."""


class InvalidDidError(ResolverError):
    """A text is not a DID (DID Core 3.1, or the method's own syntax)."""


class InvalidDidUrlError(ResolverError):
    """A text is not a DID URL (DID Core 3.2)."""


class InvalidInstantError(ResolverError):
    """A text is not an RFC 3339 instant with an explicit offset."""


class InvalidJsonError(ResolverError):
    """Bytes are not JSON that every reader understands alike (RFC 8259, RFC 7493)."""


class NotCanonicalisableError(ResolverError):
    """A value has no canonical JSON form (RFC 8785)."""


class InvalidEncodingError(ResolverError):
    """A text is not what its encoding (base64url, base58btc) allows."""


class PublicKeyError(ResolverError):
    """Base of what is wrong with a key."""


class InvalidKeyError(PublicKeyError):
    """A text or object is no public key: bad form, bad length, or a point off its curve."""


class UnsupportedKeyError(PublicKeyError):
    """A key of a kind, or for an algorithm, that is not implemented here."""


class UnsupportedAlgorithmError(ResolverError):
    """A signature algorithm that is not implemented here."""


class InvalidSignatureError(ResolverError):
    """A signature was not made with this key over this message."""


class InvalidDidDocumentError(ResolverError):
    """A DID document breaks DID Core 4 or 5, or is not about the DID that was asked."""


class VerificationMethodError(ResolverError):
    """A DID document does not authorise this verification method for this purpose."""


class ErrorCode(StrEnum):
    """Why a resolution failed, by the names of DID Resolution, section Errors."""

    INVALID_DID = "INVALID_DID"
    INVALID_DID_URL = "INVALID_DID_URL"
    INVALID_DID_DOCUMENT = "INVALID_DID_DOCUMENT"
    INVALID_OPTIONS = "INVALID_OPTIONS"
    NOT_FOUND = "NOT_FOUND"
    REPRESENTATION_NOT_SUPPORTED = "REPRESENTATION_NOT_SUPPORTED"
    METHOD_NOT_SUPPORTED = "METHOD_NOT_SUPPORTED"
    FEATURE_NOT_SUPPORTED = "FEATURE_NOT_SUPPORTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    INVALID_VERIFICATION_METHOD = "INVALID_VERIFICATION_METHOD"
    INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD = "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


class ResolutionError(ResolverError):
    """A DID gave no document.

    Attributes:
        code: why, by its standard name; NOT_FOUND where the DID is deactivated.
        deactivated: whether its controller has ended it.
        busy: whether it was not even tried, for lack of room; later it may give one.
    """

    def __init__(
        self, code: ErrorCode, detail: str, *, deactivated: bool = False, busy: bool = False
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.deactivated = deactivated
        self.busy = busy


class HeadsError(ResolverError):
    """The memory of verified heads cannot be read or written."""


class UnverifiedDocumentError(ResolutionError):
    """A document is the word of another resolver, and whoever asked takes verified ones only.

    Attributes:
        via: the other resolver.
    """

    def __init__(self, via: str) -> None:
        super().__init__(
            ErrorCode.METHOD_NOT_SUPPORTED,
            f"its DID document is the word of {via} and cannot be verified here",
        )
        self.via = via


class InvalidUpstreamError(ResolverError):
    """The URL of an upstream resolver cannot be used."""


class PurgeError(ResolverError):
    """A request to give up what is kept is not one, or not from one who may make it."""


class FetchError(ResolverError):
    """Base of everything that can go wrong while fetching from an outside address.

    Attributes:
        busy: whether it was not even tried, for lack of room.
    """

    busy = False


class RefusedAddressError(FetchError):
    """The URL, or an address behind its name, is not one we connect to."""


class RefusedRedirectError(FetchError):
    """The server answered with a redirect, which is never followed."""


class TooLargeError(FetchError):
    """The body is larger than allowed, before or after decompression."""


class UpstreamTimeoutError(FetchError):
    """The server took too long."""


class UnreachableError(FetchError):
    """No connection, no valid certificate, or no intelligible HTTP."""


class BadStatusError(FetchError):
    """The server answered with a status that carries no document."""


class FetcherBusyError(FetchError):
    """Too many fetches are under way; asked again later, it may go."""

    busy = True


class InvalidProofError(ResolverError):
    """An embedded proof is malformed, expired, or not meant for this."""


class InvalidDomainError(InvalidProofError):
    """An embedded proof is meant for another domain (Data Integrity 1.0, 4.4)."""


class InvalidChallengeError(InvalidProofError):
    """An embedded proof does not answer the challenge (Data Integrity 1.0, 4.4)."""


class UnsupportedProofError(ResolverError):
    """A proof of a type or cryptosuite that is not understood; the message names it."""


class MessageSignatureError(ResolverError):
    """A signature of an HTTP message is malformed, covers too little, is too old, or wrong."""


class InvalidLogError(ResolverError):
    """A did:webvh log, or an entry of it, does not verify."""
