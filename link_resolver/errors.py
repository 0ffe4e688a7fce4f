"""The link resolver's errors: one small tree."""

from collections.abc import Mapping
from typing import Self

from resolver.strict_json import Json


class LinkError(Exception):
    """Base of everything `link_resolver` raises on purpose."""


class InvalidIdentifierError(LinkError):
    """A text breaks a rule of the identifier scheme it claims.

    Attributes:
        rule: the broken rule, by its stable name (docs/reference/identifiers.md lists all).
        detail: what exactly is wrong, for a person.
        code: the GS1 AI or the scheme's code whose rule it is, or None where it has none.
        position: where in the input, in characters from 0.
    """

    def __init__(self, rule: str, detail: str, code: str | None = None, position: int = 0) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
        self.code = code
        self.position = position

    def moved(self, by: int) -> Self:
        """Return the same error where the input is a part of a longer one."""
        return type(self)(self.rule, self.detail, self.code, max(self.position + by, 0))

    def __str__(self) -> str:
        subject = "" if self.code is None else f"({self.code}) "
        return f"{subject}{self.detail} [{self.rule}, at {self.position}]"


class UnsupportedIdentifierError(LinkError):
    """A recognised form of identifier that is not implemented here; the message says which."""


class InvalidSchemesError(LinkError):
    """The configuration of identifier schemes is malformed; the message names the place."""


class InvalidLinkTypeError(LinkError):
    """A text is no link type: neither CURIE, URI nor relation, or of an unknown namespace."""


class InvalidRequestError(LinkError):
    """A request to resolve has a parameter that cannot be understood.

    Attributes:
        field: the parameter's name.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class InvalidLinkError(LinkError):
    """A record is no link that can be registered.

    Attributes:
        rule: the broken rule, by its stable name.
        field: the member at fault, as a dotted path; empty for the record as a whole.
        code: the GS1 AI or the scheme's code at fault, where it is the identifier's.
    """

    def __init__(self, rule: str, detail: str, field: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.rule = rule
        self.field = field
        self.code = code


class PublicationRefusedError(LinkError):
    """A signed record of links is not taken; nothing of it was kept.

    Attributes:
        rule: why, by its stable name.
        field: the member at fault, as a dotted path; empty for the record as a whole.
        retryable: whether the same record may be accepted later.
        report: what was wrong with each link, as answered; empty where it is no single link.
    """

    def __init__(
        self,
        rule: str,
        detail: str,
        field: str = "",
        *,
        retryable: bool = False,
        report: tuple[Mapping[str, Json], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.rule = rule
        self.field = field
        self.retryable = retryable
        self.report = report


class SignatureRefusedError(PublicationRefusedError):
    """A signature does not hold, or not by whom its header names."""


class RoleNotProvedError(LinkError):
    """A proof of roles was sent, and does not hold."""


class LinkStoreError(LinkError):
    """The store of links could not do what it was asked; nothing was written."""


class StoreMovedError(LinkStoreError):
    """Another process has written since the end of the records was read; nothing was written."""


class LinkNotFoundError(LinkError):
    """There is no such link or record."""
