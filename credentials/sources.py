"""What checking a credential needs from outside, and how much of it is accepted."""

from dataclasses import dataclass
from typing import Protocol

from resolver.did import Did
from resolver.document import DidDocument

MEBIBYTE = 1024 * 1024


class DocumentSource(Protocol):
    """Where DID documents come from; `resolver.resolution.Resolver` is one."""

    async def document(self, did: Did) -> DidDocument:
        """Return the current document of a DID.

        Raises:
            ResolutionError: it could not be had, or the DID is deactivated.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a hostile credential is looked at.

    Attributes:
        max_bytes: bytes of a credential in its longest form, a `data:` URI included.
        max_depth: levels of nested arrays and objects.
        max_data_uri_depth: `data:` URIs inside each other; two are an enveloped presentation of
            enveloped credentials.
        max_disclosures: disclosures of one SD-JWT; each is hashed and parsed.
        max_credentials: credentials of one presentation; each is verified by itself.
        max_proofs: embedded proofs; each costs a resolution and a signature check.
        max_seconds: seconds for one credential in all, waiting for other hosts included.
        max_key_binding_age_seconds: how old a holder's key binding may be, and how far ahead its
            clock.
        max_status_entries: entries of `credentialStatus`; each costs a fetch.
        max_list_bytes: bytes of a status list credential as fetched.
        max_inflated_bytes: bytes of a status list after decompression; 16 MiB hold 134 million
            entries.
        min_list_entries: the fewest entries a status list may have. 131,072 is the
            specification's own floor, which keeps one holder from being singled out.
    """

    max_bytes: int = MEBIBYTE
    max_depth: int = 64
    max_data_uri_depth: int = 2
    max_disclosures: int = 256
    max_credentials: int = 16
    max_proofs: int = 8
    max_seconds: float = 20.0
    max_key_binding_age_seconds: float = 300.0
    max_status_entries: int = 8
    max_list_bytes: int = 5 * MEBIBYTE
    max_inflated_bytes: int = 16 * MEBIBYTE
    min_list_entries: int = 131_072


DEFAULT_LIMITS = Limits()
