"""The check of a credential's shape: the schema of its UNTP type, and those that it names."""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.checks import Check, CheckId, CheckOutcome, Finding, check, combine
from credentials.credential import Credential
from credentials.resources import is_sri
from credentials.schemas.library import Schema, Schemas
from credentials.schemas.pins import Pin
from credentials.untp import UntpError
from credentials.untp.recognition import recognise
from credentials.values import entries
from resolver.strict_json import Json

_TYPE = "JsonSchema"
_MAX_NAMED = 8


@dataclass(frozen=True, slots=True)
class SchemaRules:
    """How the shape of credentials is judged.

    Attributes:
        schemas: what is admitted and at hand.
        required: whether a credential that does not fit fails; else that is a warning.
    """

    schemas: Schemas
    required: bool = False


_NONE_AT_HAND = check(CheckId.SCHEMA, CheckOutcome.SKIPPED, "no schemas are at hand")


def check_schemas(credential: Credential, rules: SchemaRules | None) -> Check:
    """Hold a credential against every schema that it should fit, as far as they are at hand."""
    if rules is None:
        return _NONE_AT_HAND
    desk = _Desk(credential.body, rules)
    try:
        recognised = recognise(credential)
    except UntpError:
        pass  # the check of UNTP says why
    else:
        desk.of_type(recognised.kind, recognised.version)
    desk.named(credential.body.get("credentialSchema"))
    if not desk.findings:
        desk.skip("neither its type nor the credential names a schema")
    return combine(CheckId.SCHEMA, desk.findings, desk.inputs)


class _Desk:
    """Holds one document against one schema after the other, and notes how each came out."""

    def __init__(self, body: Mapping[str, Json], rules: SchemaRules) -> None:
        self._body = body
        self._rules = rules
        self.findings: list[Finding] = []
        self.inputs: dict[str, str] = {}

    def skip(self, message: str, pointer: str = "") -> None:
        """Note that something could not be looked at."""
        self.findings.append(Finding(CheckOutcome.SKIPPED, message, pointer, warning=bool(pointer)))

    def of_type(self, type_: str, version: str) -> None:
        """Hold it against the schema of its UNTP type, in the version that its context names."""
        pin = self._rules.schemas.of_type(type_, version)
        if pin is None:
            self.skip(f"no schema is admitted for {type_} {version}")
        else:
            self._hold(pin, self._rules.schemas.at_hand(pin))

    def named(self, value: Json) -> None:
        """Hold it against the schemas that it names (VC JSON Schema section 2)."""
        named = entries(value) if value is not None else ()
        if len(named) > _MAX_NAMED:
            message = f"{len(named)} schemas; {_MAX_NAMED} are looked at"
            self.findings.append(Finding(CheckOutcome.UNDETERMINED, message, "/credentialSchema"))
            return
        for pointer, each in named:
            if isinstance(each, dict):
                self._named(f"/credentialSchema{pointer}", each)

    def _named(self, pointer: str, entry: Mapping[str, Json]) -> None:
        url, type_ = entry.get("id"), entry.get("type")
        if type_ != _TYPE:
            self.skip(f"a schema of type {type_} is not understood, only {_TYPE}", pointer)
            return
        pin = self._rules.schemas.of_url(url) if isinstance(url, str) else None
        if pin is None:
            self.skip(f"the schema {url} is not admitted; schemas.json would admit it", pointer)
            return
        at_hand = self._rules.schemas.at_hand(pin)
        stated = entry.get("digestSRI")
        if stated is not None and at_hand:
            at_hand = tuple(each for each in at_hand if is_sri(stated, each.raw))
            if not at_hand:
                self._misfit(f"the schema {url} at hand has another digestSRI", pointer)
                return
        self._hold(pin, at_hand, pointer)

    def _hold(self, pin: Pin, at_hand: tuple[Schema, ...], pointer: str = "") -> None:
        """Hold it against a schema, which has several texts where its publisher changed it."""
        if not at_hand:
            self.skip(f"the schema {pin.url} is admitted, but not at hand", pointer)
            return
        self.inputs["schema" if not pointer else f"schema{pointer}"] = pin.url
        each = [schema.misfits(self._body) for schema in at_hand]
        fewest = min(each, key=len)
        for misfit in fewest:
            self._misfit(f"does not fit {pin.url}: {misfit.message}", misfit.pointer or "/")
        if not fewest:
            self.findings.append(Finding(CheckOutcome.PASSED, f"fits {pin.url}"))

    def _misfit(self, message: str, pointer: str) -> None:
        if self._rules.required:
            self.findings.append(Finding(CheckOutcome.FAILED, message, pointer))
        else:
            self.findings.append(Finding(CheckOutcome.PASSED, message, pointer, warning=True))
