"""The checks of a credential that need nothing but the document itself."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine, findings_of
from credentials.credential import DataModel, Problem
from credentials.envelope import Envelope
from credentials.values import entries
from resolver.strict_json import Json

_NOTES: Mapping[DataModel, tuple[Finding, ...]] = MappingProxyType(
    {
        DataModel.VCDM_2: (),
        DataModel.VCDM_1_1: (
            Finding(CheckOutcome.PASSED, "version 1.1 of the data model", warning=True),
        ),
    }
)


def document_checks(envelope: Envelope) -> tuple[Check, ...]:
    """Check envelope, context, type and structure (VCDM 2.0 section 4)."""
    credential = envelope.credential
    good = f"a credential in the form {envelope.form}"
    return (
        _passing(CheckId.ENVELOPE, envelope.problems, good, envelope.notes),
        _context(envelope),
        _passing(CheckId.TYPE, envelope.problems, ", ".join(credential.types)),
        _passing(
            CheckId.STRUCTURE,
            envelope.problems,
            "the members that every credential has are well formed",
        ),
    )


def _passing(
    id_: CheckId, problems: Iterable[Problem], good: str, others: Iterable[Finding] = ()
) -> Check:
    found = findings_of(id_, problems) or [Finding(CheckOutcome.PASSED, good)]
    return combine(id_, [*found, *others])


def _context(envelope: Envelope) -> Check:
    """Check the contexts; one written into the credential leaves its terms undetermined."""
    credential = envelope.credential
    if credential.model is DataModel.SD_JWT_VC:
        plain = Finding(CheckOutcome.SKIPPED, "plain claims, which no context explains")
        return combine(CheckId.CONTEXT, [plain])
    others = list(_NOTES[credential.model])
    if has_inline_context(credential.body):
        others.append(INLINE_CONTEXT)
    return _passing(CheckId.CONTEXT, envelope.problems, ", ".join(credential.contexts), others)


INLINE_CONTEXT = Finding(
    CheckOutcome.UNDETERMINED,
    "a context is written into the document, and may change what its terms mean",
    "/@context",
)
"""A signature over the JSON protects such a context too, but it may give the very names that are
read here another meaning."""


def has_inline_context(body: Mapping[str, Json]) -> bool:
    """Whether a context is written into a document, beside those that it names."""
    return any(isinstance(item, dict) for _, item in entries(body.get("@context")))
