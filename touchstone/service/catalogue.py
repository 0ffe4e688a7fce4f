"""The kinds of problem a request can meet: what each means, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem (RFC 9457 3.1.1); its `type` opens a page made of these words.

    Attributes:
        slug: its stable name, the last segment of its `type`.
        status: the HTTP status it comes with.
        title: what it is called, always the same.
        meaning: what happened, in plain sentences.
        remedy: what to do about it.
        detail: an example of the sentence that says what was wrong in one case.
        field: an example of the parameter or member at fault, or empty where it is the whole.
    """

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str
    detail: str
    field: str = ""


_KINDS = (
    Kind(
        "credential-check",
        200,
        "A check of the credential did not pass, or passed with a warning",
        "The answer is about the credential, not about your request: it has expired, is revoked or "
        "suspended, or something needed to judge it could not be read. No W3C specification names "
        "this problem; those that have a name carry it as their type.",
        "Read the detail. What has expired or is revoked has to be issued anew; what could not be "
        "read may be readable later.",
        "the credential expired at 2026-02-01T00:00:00Z",
    ),
    Kind(
        "malformed-json",
        400,
        "The body is not JSON",
        "The body could not be read as JSON with one meaning only: it has a syntax error, a member "
        "name twice in one object, a number such as NaN, a lone surrogate, or is nested too deep.",
        "Check the body with a JSON parser. Name each member once, and nest no deeper than the "
        "limit that the detail gives.",
        "a member name appears twice in one object",
    ),
    Kind(
        "unknown-member",
        400,
        "The body has a member that is not understood",
        "Members that are not understood are refused, never ignored: a misspelt restriction that "
        "was silently dropped would make an answer wider than the question.",
        "Compare the member's name with the request's schema in the API reference.",
        "'isuer' is not a member of a question; did you mean 'issuer'?",
        "isuer",
    ),
    Kind(
        "missing-member",
        400,
        "The request lacks something that it must have",
        "A parameter or a member without which there is no question is absent.",
        "Add it.",
        "a question needs an issuer",
        "issuer",
    ),
    Kind(
        "invalid-value",
        400,
        "A value is not what it must be",
        "A parameter or member has the wrong type, is empty, or lies outside what is admitted.",
        "Correct the value; the field and, for a body, the JSON pointer say where it stands.",
        "must be one of issue, accredit, anchor, link",
        "action",
    ),
    Kind(
        "unknown-parameter",
        400,
        "The query has a parameter that is not understood",
        "Parameters that are not understood are refused, never ignored: a misspelt restriction "
        "that was silently dropped would make an answer wider than the question.",
        "Compare its name with the API reference. Dimensions of a claim are parameters of their "
        "own: scheme, commodity, country and so on.",
        "'comodity' is no parameter here; did you mean 'commodity'?",
        "comodity",
    ),
    Kind(
        "repeated-parameter",
        400,
        "A parameter that may appear once appears again",
        "Two values for one thing would leave it open which of them was answered.",
        "Give it once. Only `authority` and the dimensions of a claim may be repeated.",
        "given twice",
        "issuer",
    ),
    Kind(
        "invalid-did",
        400,
        "A DID is not well formed",
        "The text is not a DID, breaks the rules of its own method, or names a host that is no "
        "public host name, such as an IP address in any spelling.",
        "Check it against DID Core 3.1 and the method's own specification.",
        "an IP address where a host name belongs",
        "issuer",
    ),
    Kind(
        "invalid-time",
        400,
        "A time cannot be read",
        "Times are RFC 3339 date-times with an explicit offset. A time that cannot be read is "
        "refused; it is never taken to mean now.",
        "Write it like 2026-03-01T00:00:00Z. In a query, `+` must be written `%2B`.",
        "not an RFC 3339 date-time such as 2026-03-01T00:00:00Z",
        "at",
    ),
    Kind(
        "unknowable-time",
        400,
        "The registry cannot know what is asked",
        "`known_at` asks what the registry knew at a time. It lies in the future, or before the "
        "registry's first entry.",
        "Leave it out for what is known now, or name a time since the registry began.",
        "lies in the future",
        "known_at",
    ),
    Kind(
        "too-many-claims",
        400,
        "The question holds too many claims",
        "A claim with several values on a dimension is split into single ones, and each is "
        "decided. There would be more of them than one answer may cover.",
        "Ask about fewer values at once.",
        "243 single claims; at most 100 are answered at once",
        "claim",
    ),
    Kind(
        "act-refused",
        400,
        "The act is not taken into the journal",
        "A signed act was understood but breaks a rule of the registry. `code` says which: the "
        "signature, the pinned key, the audience, the signer's entitlement and others.",
        "Correct the act and sign it anew. Where the code says that it is too early, or that a "
        "DID could not be resolved, the same act may be sent again later.",
        "the key is not among those pinned for this party",
        "protected.kid",
    ),
    Kind(
        "invalid-identifier",
        400,
        "The address is no valid identifier",
        "The path claims to be an identifier and breaks a rule of its scheme: a wrong check digit, "
        "a value that is too long, qualifiers in the wrong order. `code` says which part, "
        "`position` where in the path, and `rule` which rule.",
        "Check the identifier with `touchstone link parse`, which names the same rule.",
        "(01) GTIN: incorrect check digit [incorrect-check-digit, at 17]",
    ),
    Kind(
        "publication-refused",
        400,
        "The links are not registered",
        "A signed record of links was understood but breaks a rule: its form, its time, the "
        "signature, an identifier, a target that is not http or https, a second default. `rule` "
        "says which; `report` says it for each link. Nothing of the record was kept.",
        "Correct the links and sign them anew. Where `retryable` is true, the same record may be "
        "sent again later.",
        "a record holds 1 to 1,000 links",
        "links",
    ),
    Kind(
        "publisher-not-authorised",
        403,
        "The publisher may not register these links",
        "The signature is good, and the trust registry knows no authority of its signer to "
        "register links (action `link`) for this identifier, at this time.",
        "Ask whoever holds the authority over the company prefix, key or scheme for a grant of the "
        "action `link`; GET /v1/decisions with action=link says what is missing.",
        "did:web:maker.example may not publish links for 01 09506000134352 (NO_STATEMENT)",
        "anchor",
    ),
    Kind(
        "role-not-proved",
        401,
        "The proof of a role does not hold",
        "The request came with a signed token (`Authorization: Bearer`) that is to prove a role, "
        "and it proves none: its form, its time, its audience, its signature, or the trust "
        "registry knows no authority of its signer for that role.",
        "Sign a new one with `touchstone link prove`; or leave the header out, to be answered as "
        "everybody is.",
        "exp lies at most 300 seconds after iat",
    ),
    Kind(
        "link-not-found",
        404,
        "There is no such link",
        "The identifier is valid, and nothing is known about it here, or no link of the type that "
        "was asked for; or no link or record has this id.",
        "Ask with linkType=linkset for all that is known about an identifier.",
        "nothing is known about this identifier or any level of it",
    ),
    Kind(
        "not-found",
        404,
        "There is nothing here",
        "No page, act, party or statement has this address. Not listed here means just that: it "
        "says nothing about whether an organisation is to be trusted.",
        "Check the address; /docs lists every one that exists.",
        "no party here is known by this DID",
    ),
    Kind(
        "method-not-allowed",
        405,
        "This address does not take this method",
        "The address exists, but not for this HTTP method. The Allow header names those it takes.",
        "Use one of the methods that the API reference gives for this address.",
        "GET is not among POST",
    ),
    Kind(
        "body-timeout",
        408,
        "The body took too long to arrive",
        "The request's headers arrived, and its body did not within the limit.",
        "Send the request again, over a connection that is fast enough.",
        "the body did not arrive within 10 seconds",
    ),
    Kind(
        "conflict",
        409,
        "Another act was recorded first",
        "The journal grew while this act was being taken. Nothing was written.",
        "Send the same act again.",
        "another writer appended first",
    ),
    Kind(
        "body-too-large",
        413,
        "The body is too large",
        "The body is longer than is read here; reading stopped at the limit.",
        "Send less. A credential travels without the documents that it refers to.",
        "at most 1,000,000 bytes are read",
    ),
    Kind(
        "unsupported-media-type",
        415,
        "The body is not of a type that is read here",
        "Bodies are JSON, sent uncompressed as `application/json`.",
        "Set `Content-Type: application/json`, and no `Content-Encoding`.",
        "text/plain is not application/json",
    ),
    Kind(
        "range-not-satisfiable",
        416,
        "Nothing lies in the range that was asked for",
        "The Range header asks for bytes beyond the end. Content-Range says how many there are.",
        "Ask for a range within the length, or for the whole without a Range header. Where you "
        "have that many bytes already, you have them all.",
        "416 Range Not Satisfiable",
    ),
    Kind(
        "too-many-acts",
        429,
        "As many acts of this kind were recorded for this party today as may be",
        "The governance framework says how many acts of one kind a party may put into the journal "
        "in a day (UTC), so that nobody can make it grow without end. Nothing was recorded. An act "
        "that was recorded before is answered with its receipt all the same.",
        "Send the same act again, as it is, after `Retry-After` seconds: a new day has begun then. "
        "Who has thousands of acts to send every day asks the board to raise `limits` in the "
        "framework.",
        "100 acts amend_party of this party were recorded today, and no more are in a day",
        "type",
    ),
    Kind(
        "bad-request",
        400,
        "The request cannot be understood",
        "The request breaks HTTP itself, or asks in a way that has no meaning here.",
        "Percent-encode what an address cannot hold as it is, keep the address and each header "
        "below 8,190 bytes, and check the request against the API reference.",
        "the address holds a character that must be percent-encoded",
    ),
    Kind(
        "internal-error",
        500,
        "Something went wrong here",
        "This is our mistake, not yours. It was logged. No answer was given, so nothing is to be "
        "concluded from it.",
        "Try again later; where it happens again, please report the time and the address.",
        "the error was logged",
    ),
    Kind(
        "unsupported-identifier",
        501,
        "This form of identifier is not supported",
        "The address is a compressed or binary form of a GS1 identifier that is recognised and not "
        "decoded here.",
        "Use the uncompressed GS1 Digital Link URI.",
        "EPC binary strings are not decoded",
    ),
    Kind(
        "not-ready",
        503,
        "The registry cannot answer yet",
        "The journal is not loaded, is empty, or cannot be written at the moment.",
        "Try again in a moment. /ready says what is missing.",
        "the journal is empty",
    ),
)

KINDS: Mapping[str, Kind] = {kind.slug: kind for kind in _KINDS}
"""Every kind of problem, by its slug."""

BY_STATUS: Mapping[int, str] = {
    404: "not-found",
    405: "method-not-allowed",
    408: "body-timeout",
    413: "body-too-large",
    415: "unsupported-media-type",
    416: "range-not-satisfiable",
    503: "not-ready",
}
"""The kind for an HTTP error that the framework itself raised."""
