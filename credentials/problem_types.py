"""The types of problems that W3C specifications define, by the names they give them."""

from enum import StrEnum

_DATA_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"


class ProblemType(StrEnum):
    """A problem's type, as RFC 9457 problem details carry it.

    The first four are of VCDM 2.0 section 7.2, those of `security#` of Data Integrity 1.0 section
    4.7 and Controlled Identifiers 1.0 section 3.4, the last three of Bitstring Status List 1.0
    section 3.5.
    """

    PARSING = f"{_DATA_MODEL}PARSING_ERROR"
    CRYPTOGRAPHIC_SECURITY = f"{_DATA_MODEL}CRYPTOGRAPHIC_SECURITY_ERROR"
    MALFORMED_VALUE = f"{_DATA_MODEL}MALFORMED_VALUE_ERROR"
    RANGE = f"{_DATA_MODEL}RANGE_ERROR"

    PROOF_VERIFICATION = f"{_SECURITY}PROOF_VERIFICATION_ERROR"
    PROOF_TRANSFORMATION = f"{_SECURITY}PROOF_TRANSFORMATION_ERROR"
    INVALID_DOMAIN = f"{_SECURITY}INVALID_DOMAIN_ERROR"
    INVALID_CHALLENGE = f"{_SECURITY}INVALID_CHALLENGE_ERROR"
    INVALID_VERIFICATION_METHOD_URL = f"{_SECURITY}INVALID_VERIFICATION_METHOD_URL"
    INVALID_VERIFICATION_METHOD = f"{_SECURITY}INVALID_VERIFICATION_METHOD"
    INVALID_CONTROLLED_IDENTIFIER_DOCUMENT = f"{_SECURITY}INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"
    INVALID_RELATIONSHIP = f"{_SECURITY}INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"

    STATUS_RETRIEVAL = f"{_STATUS_LIST}STATUS_RETRIEVAL_ERROR"
    STATUS_VERIFICATION = f"{_STATUS_LIST}STATUS_VERIFICATION_ERROR"
    STATUS_LIST_LENGTH = f"{_STATUS_LIST}STATUS_LIST_LENGTH_ERROR"

    @property
    def short(self) -> str:
        """The name without its base."""
        return self.rpartition("#")[2]
