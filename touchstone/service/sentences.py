"""Sentences: what a decision says to a reader who knows no codes."""

from collections.abc import Mapping

from policies.decision import Decision, Outcome, Reason, Step
from policies.index import Index
from policies.scope import Allowed, Coverage, Gap
from policies.statements import PartyId
from resolver.instant import format_instant

# An answer turns on one statement: `authority` made it, about `holder`, and it had to hold at
# `moment`. The issuer goes by its DID where it has no name here.
_SENTENCES: Mapping[Reason, str] = {
    Reason.AUTHORISED: "{issuer} is authorised for this claim.",
    Reason.UNKNOWN_ISSUER: "{issuer} is not known to this registry; it is not listed here, which "
    "says nothing else about it.",
    Reason.NO_STATEMENT: "{issuer} is known here, but nobody has authorised it for this action.",
    Reason.OUT_OF_SCOPE: "{authority} authorised {issuer}, but not for this claim: {gaps}.",
    Reason.NOT_YET_VALID: "{authority}'s authorisation of {issuer} does not hold yet at {moment}.",
    Reason.EXPIRED: "{authority}'s authorisation of {issuer} had expired by {moment}.",
    Reason.SUSPENDED: "{issuer}'s authorisation by {authority} stood suspended at {moment}.",
    Reason.WITHDRAWN: "{issuer}'s authorisation by {authority} was withdrawn as of {moment}.",
    Reason.SUPERSEDED: "{issuer}'s authorisation by {authority} had been superseded by {moment}.",
    Reason.AUTHORITY_WITHOUT_CHAIN: "{authority} authorised {holder}, but itself holds no "
    "authority that reaches a trust anchor.",
    Reason.AUTHORITY_OUT_OF_SCOPE: "{holder}, on whose authority {issuer} rests, does not itself "
    "hold this scope from {authority}: {gaps}.",
    Reason.AUTHORITY_NOT_YET_VALID: "{holder}, on whose authority {issuer} rests, does not hold "
    "its own authority from {authority} yet at {moment}.",
    Reason.AUTHORITY_EXPIRED: "{holder}, on whose authority {issuer} rests, held an authority "
    "from {authority} that had expired by {moment}.",
    Reason.AUTHORITY_SUSPENDED: "{holder}, on whose authority {issuer} rests, itself stood "
    "suspended by {authority} at {moment}.",
    Reason.AUTHORITY_WITHDRAWN: "{holder}, on whose authority {issuer} rests, had its own "
    "authority from {authority} withdrawn as of {moment}.",
    Reason.AUTHORITY_SUPERSEDED: "{holder}, on whose authority {issuer} rests, held an authority "
    "from {authority} that had been superseded by {moment}.",
    Reason.AUTHORITY_NOT_ACCEPTED: "{issuer} is authorised by way of {holder}, which is not among "
    "the authorities that this question accepts.",
    Reason.ACTION_NOT_PASSED_ON: "{holder}, on whose authority {issuer} rests, may not pass this "
    "action on.",
    Reason.DEPTH_EXCEEDED: "The chain above {issuer} has more levels of accreditation than "
    "{authority} allows {holder}.",
    Reason.CHAIN_TOO_LONG: "The chain above {issuer} is longer than the framework allows.",
    Reason.CYCLE: "The chain above {issuer} leads back to a party that already stands on it.",
    Reason.SELF_GRANT: "{authority} and {holder} are under one control, and nobody authorises "
    "itself.",
    Reason.COMMON_CONTROL: "The chain above {issuer} had come under one control with whom it "
    "authorises by {moment}, as the board declared, and nobody authorises itself.",
    Reason.RESERVED_SCOPE: "This claim lies in a scope that is reserved to other authorities, and "
    "{issuer}'s authority does not come from one of them.",
    Reason.EXCLUDED: "{issuer}, or an authority that it rests on, is excluded from such claims by "
    "decision of the board.",
    Reason.KEY_COMPROMISED: "The key that signed is recorded as compromised, and nothing proves "
    "that the signature is older.",
    Reason.CREDENTIAL_VOIDED: "When {authority} acted against {holder}, it declared void what had "
    "been issued before.",
    Reason.RECHECK_REQUIRED: "When {authority} acted against {holder}, it put what had been issued "
    "before in doubt until it is checked again.",
    Reason.CLAIM_SILENT: "The claim does not say enough to tell whether {issuer} is authorised for "
    "it: {gaps}.",
    Reason.ISSUANCE_TIME_UNPROVED: "{issuer} was authorised at {moment}, but is not now, and only "
    "its own word says that it issued then.",
    Reason.SOURCE_UNAVAILABLE: "Something needed to answer could not be read.",
}


def sentence(decision: Decision, index: Index, issuer: str) -> str:
    """Return a decision as one plain sentence; `issuer` is what the issuer goes by."""
    step = _turning(decision)
    if step is None:
        authority, holder, at = decision.framework.name, issuer, decision.question.at
    else:
        statement, at = step.statement, step.at
        authority = _name(statement.authority, decision, index)
        if decision.reason is Reason.AUTHORISED:
            return f"{issuer} is authorised for this claim by {authority}."
        holder = _name(statement.entity, decision, index)
    return _SENTENCES[decision.reason].format(
        issuer=issuer,
        authority=authority,
        holder=holder,
        moment=format_instant(at),
        gaps="; ".join(_gap(gap) for gap in decision.gaps) or "it is silent",
    )


def _turning(decision: Decision) -> Step | None:
    """Return the step that the answer turns on: the first that fails, else the nearest one."""
    steps = decision.nearest_miss or decision.chain
    if not steps:
        return None
    if decision.outcome is Outcome.AUTHORISED:
        return steps[0]
    for step in steps:
        if step.reason is decision.reason:
            return step
    return steps[-1]


def _name(party: PartyId, decision: Decision, index: Index) -> str:
    found = index.party(party)
    return found.name if found else decision.framework.name


def _gap(gap: Gap) -> str:
    allowed = words(gap.allowed)
    label = gap.dimension.value.replace("_", " ")
    if gap.claimed is None:
        return f"it names no {label}, where {allowed} is required"
    if gap.coverage is Coverage.SILENT:
        return f"its {label} {gap.claimed} is broader than {allowed}"
    return f"its {label} is {gap.claimed}, where {allowed} is required"


_SHOWN = 5


def words(allowed: Allowed) -> str:
    """Return what a scope admits on one dimension, in words."""
    values = sorted(allowed.values)
    text = ", ".join(values[:_SHOWN])
    if len(values) > _SHOWN:
        text += f" and {len(values) - _SHOWN} more"
    elif len(values) > 1:
        text = f"{', '.join(values[:-1])} or {values[-1]}"
    return f"anything but {text}" if allowed.all_but else text
