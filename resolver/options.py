"""What a caller may ask of a resolution (W3C DID Resolution, DID Resolution Options)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from resolver.document import Relationship
from resolver.errors import ErrorCode, InvalidInstantError, ResolutionError
from resolver.instant import parse_instant
from resolver.methods import LATEST, Version
from resolver.strict_json import Json

DOCUMENT_TYPE = "application/did"
DOCUMENT_TYPES = frozenset({DOCUMENT_TYPE, "application/did+json", "application/did+ld+json"})
"""DID 1.1's one media type, and the two of DID 1.0 that name the same bytes."""

VERSIONS = frozenset({"versionId", "versionTime", "versionNumber"})
"""The options that ask for a version; `versionNumber` is of did:webvh."""
PLACE = "src"
"""Where the log of a did:scid lies, which its identifier does not say."""
NAMES = VERSIONS | {"expandRelativeUrls", "noCache", PLACE}
"""All options but `accept`; each may also be a parameter of a DID URL."""
RELATIONSHIP = "verificationRelationship"

_RELATIONSHIPS: list[Json] = [relationship.value for relationship in Relationship]
_SHOWN = 32  # characters of a foreign name that an error repeats
_MAX_VALUE = 1024
_MAX_NUMBER = 10  # digits
_BOOLEANS: Mapping[Json, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ResolutionOptions:
    """What a caller wants of a resolution (DID Resolution, section Options).

    Attributes:
        accept: the media type wanted for the document; None for any.
        version: which version is wanted.
        expand_relative_urls: whether relative DID URLs are to be made absolute.
        no_cache: whether what was kept may not be used.
        src: where to look, for a method whose identifiers do not say.
        asked: names of the options given.
        unsupported: names of options given that are not known here.
        invalid: what is wrong with the others, a sentence each.
    """

    accept: str | None = None
    version: Version = LATEST
    expand_relative_urls: bool = False
    no_cache: bool = False
    src: str | None = None
    asked: frozenset[str] = frozenset()
    unsupported: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    @classmethod
    def parse(cls, options: Iterable[tuple[str, Json]], accept: str | None = None) -> Self:
        """Read options by their standard names. Raises nothing: the DID is judged first."""
        read = cls(accept)
        for name, value in options:
            read = read._with(name, value)
        return read

    def of_url(self, parameters: Mapping[str, str]) -> Self:
        """Take in those parameters of a DID URL that are options too."""
        read = self
        for name in NAMES & parameters.keys():
            read = read._with(name, parameters[name])
        return read

    def check(self, *, versioned: bool, located: bool = False) -> None:
        """Hold the options against what can be given (DID Resolution Algorithm, steps 3 and 4).

        Args:
            versioned: whether earlier versions of the DID can be asked for.
            located: whether the place of the DID is told beside it.

        Raises:
            ResolutionError: FEATURE_NOT_SUPPORTED, INVALID_OPTIONS, REPRESENTATION_NOT_SUPPORTED.
        """
        beyond = (frozenset() if versioned else VERSIONS) | (frozenset() if located else {PLACE})
        unsupported = (*self.unsupported, *sorted(self.asked & beyond))
        if unsupported:
            names = ", ".join(unsupported)
            raise ResolutionError(ErrorCode.FEATURE_NOT_SUPPORTED, f"unsupported options: {names}")
        invalid = self.invalid
        if len(self.asked & VERSIONS) > 1:
            invalid = (
                *invalid,
                " and ".join(sorted(self.asked & VERSIONS)) + " exclude each other",
            )
        if invalid:
            raise ResolutionError(ErrorCode.INVALID_OPTIONS, "; ".join(invalid))
        if self.accept is not None and self.accept not in DOCUMENT_TYPES:
            known = ", ".join(sorted(DOCUMENT_TYPES))
            detail = f"DID documents are given as {known}"
            raise ResolutionError(ErrorCode.REPRESENTATION_NOT_SUPPORTED, detail)

    def _with(self, given: str, value: Json) -> Self:
        name = given if given in NAMES else given.encode("ascii", "replace").decode()[:_SHOWN]
        if name in self.asked or name in self.unsupported:
            return replace(self, invalid=(*self.invalid, f"{name} is given twice"))
        if name not in NAMES:
            return replace(self, unsupported=(*self.unsupported, name))
        read = replace(self, asked=self.asked | {name})
        match name:
            case "expandRelativeUrls" if (flag := _boolean(value)) is not None:
                return replace(read, expand_relative_urls=flag)
            case "noCache" if (flag := _boolean(value)) is not None:
                return replace(read, no_cache=flag)
            case "versionId" if isinstance(value, str) and 0 < len(value) <= _MAX_VALUE:
                return replace(read, version=Version(id=value))
            case "src" if isinstance(value, str) and 0 < len(value) <= _MAX_VALUE:
                return replace(read, src=value)
            case "versionNumber" if (number := _number(value)) is not None:
                return replace(read, version=Version(number=number))
            case "versionTime" if (version := _at(value)) is not None:
                return replace(read, version=version)
        return replace(read, invalid=(*read.invalid, f"{name}: {_WANTED[name]}"))


NO_OPTIONS = ResolutionOptions()

_WANTED: Mapping[str, str] = {
    "expandRelativeUrls": "true or false is wanted",
    "noCache": "true or false is wanted",
    "src": f"a text of at most {_MAX_VALUE} characters is wanted",
    "versionId": f"a text of at most {_MAX_VALUE} characters is wanted",
    "versionNumber": "a whole number from 1 is wanted",
    "versionTime": "a time such as 2026-03-01T00:00:00Z is wanted",
}


@dataclass(frozen=True, slots=True)
class DereferencingOptions:
    """What a caller wants of a dereferencing (DID URL Dereferencing Options).

    Attributes:
        resolution: what is wanted of the resolution within; its `accept` is for the content.
        relationship: what the verification method must be authorised for, as written; or None.
    """

    resolution: ResolutionOptions = NO_OPTIONS
    relationship: Json = None

    @classmethod
    def parse(cls, options: Iterable[tuple[str, Json]], accept: str | None = None) -> Self:
        """Read options by their standard names. Raises nothing."""
        pairs = list(options)
        relationships = [value for name, value in pairs if name == RELATIONSHIP]
        resolution = ResolutionOptions.parse((p for p in pairs if p[0] != RELATIONSHIP), accept)
        if not relationships:
            return cls(resolution)
        if len(relationships) > 1 or relationships[0] not in _RELATIONSHIPS:
            known = ", ".join(Relationship)
            wrong = f"{RELATIONSHIP}: one of {known} is wanted"
            resolution = replace(resolution, invalid=(*resolution.invalid, wrong))
        return cls(resolution, relationships[0])


NO_DEREFERENCING_OPTIONS = DereferencingOptions()


def _boolean(value: Json) -> bool | None:
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(value) if isinstance(value, str) else None


def _number(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MAX_NUMBER:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _at(value: Json) -> Version | None:
    try:
        return Version(time=parse_instant(value)) if isinstance(value, str) else None
    except InvalidInstantError:
        return None
