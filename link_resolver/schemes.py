"""The identifier schemes that are understood: GS1, and what the configuration adds.

A configured scheme follows ISO/IEC 18975: `/{scheme}/{code}/{value}` and, behind it, qualifiers as
`/{code}/{value}` in their order. It may also be known by a `urn:gtr:` domain, by the registers' own
URLs, and by its bare value.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from link_resolver.checks import CHECKS
from link_resolver.errors import InvalidIdentifierError, InvalidSchemesError
from link_resolver.identifier import GS1, Element

MAX_VALUE: Final = 512
"""Characters of a value: a did:web with a long path passes 200."""
MAX_QUALIFIERS: Final = 8
MAX_CONFIGURATION_BYTES: Final = 1_000_000

_NAME: Final = r"[a-z][a-z0-9-]{1,31}"
_DOMAIN: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_SLOT: Final = "{id}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Code(_Strict):
    """A key or qualifier of a configured scheme.

    Attributes:
        code: its name in paths.
        title: its name for people.
        pattern: a regular expression for the whole value, in ASCII.
        check: the name of a function in `checks` that the value must satisfy, or None.
        case: what the value is put into before it is judged, or None.
        ignore: characters that people write inside the value, and that do not belong to it.
        example: a value that must be good: configuration that refuses it is refused.
    """

    code: Annotated[str, Field(pattern=f"^{_NAME}$")]
    title: str
    pattern: Annotated[str, Field(max_length=500)]
    example: str
    check: str | None = None
    case: Literal["upper", "lower"] | None = None
    ignore: Annotated[str, Field(max_length=8)] = ""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern, re.ASCII)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern

    @field_validator("check")
    @classmethod
    def _exists(cls, check: str | None) -> str | None:
        if check is not None and check not in CHECKS:
            raise ValueError(f"no such check; there are {', '.join(sorted(CHECKS))}")
        return check

    @model_validator(mode="after")
    def _example_holds(self) -> Self:
        try:
            self.read(self.example)
        except InvalidIdentifierError as error:
            raise ValueError(f"the example is refused: {error.detail}") from error
        return self

    def read(self, text: str, position: int = 0) -> Element:
        """Return this code with a value as its scheme writes it.

        Raises:
            InvalidIdentifierError: the value is too long, misshapen, or fails its check.
        """
        if len(text) > MAX_VALUE:
            raise InvalidIdentifierError(
                "value-too-long", f"more than {MAX_VALUE} characters", self.code, position
            )
        value = text.translate({ord(character): None for character in self.ignore})
        if self.case is not None:
            value = value.upper() if self.case == "upper" else value.lower()
        if not value.isascii() or re.fullmatch(self.pattern, value, re.ASCII) is None:
            raise InvalidIdentifierError(
                "pattern", f"{self.title}: not of the form {self.pattern}", self.code, position
            )
        if self.check is not None and not CHECKS[self.check](value):
            raise InvalidIdentifierError(
                "check", f"{self.title}: fails its check ({self.check})", self.code, position
            )
        return Element(self.code, value)


class Key(Code):
    """What a scheme identifies, and the other ways it is written.

    Attributes:
        qualifiers: the finer levels, in their order, each optional.
        domain: the scheme domain of `urn:gtr:{domain}:{value}`, or None.
        templates: URLs of registers with `{id}` in the value's place.
        prefixes: what a text that is this key may begin with, such as `uuid:`; it belongs to the
            value where the example has it too, as `did:` does.
        bare: whether a text that is nothing else may be this value alone.
    """

    qualifiers: Annotated[tuple[Code, ...], Field(max_length=MAX_QUALIFIERS, strict=False)] = ()
    domain: Annotated[str, Field(pattern=f"^{_DOMAIN}$")] | None = None
    templates: Annotated[tuple[str, ...], Field(max_length=8, strict=False)] = ()
    prefixes: Annotated[tuple[str, ...], Field(max_length=8, strict=False)] = ()
    bare: bool = False

    @field_validator("templates")
    @classmethod
    def _one_slot(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
        for template in templates:
            if template.count(_SLOT) != 1 or not template.startswith("https://"):
                raise ValueError(f"a template begins with https:// and has one {_SLOT}")
        return templates


class Scheme(_Strict):
    """A configured scheme: its name is the first segment of its paths."""

    name: Annotated[str, Field(pattern=f"^{_NAME}$")]
    title: str
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=32, strict=False)]

    def key(self, code: str) -> Key | None:
        """Return the key of that code."""
        return next((key for key in self.keys if key.code == code), None)


class Schemes(_Strict):
    """Every scheme that is understood. GS1 always is.

    Attributes:
        short_gtins: whether GTINs of 8, 12 and 13 digits are filled up to 14 in a URI. GS1 allowed
            them until URI Syntax 1.4.
        schemes: those beside GS1.
    """

    short_gtins: bool = False
    schemes: Annotated[tuple[Scheme, ...], Field(max_length=256, strict=False)] = ()

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        names = Counter(
            [*self.names]
            + [f"urn:gtr:{key.domain}" for _, key in self.every_key() if key.domain]
            + [f"{scheme.name}/{key.code}" for scheme, key in self.every_key()]
        )
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} is there twice")
        if GS1 in self.names:
            raise ValueError(f"{GS1} is built in")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the configured schemes: the first segments of their paths."""
        return tuple(scheme.name for scheme in self.schemes)

    def scheme(self, name: str) -> Scheme | None:
        """Return the scheme of that name."""
        return next((scheme for scheme in self.schemes if scheme.name == name), None)

    def every_key(self) -> Iterator[tuple[Scheme, Key]]:
        """Yield every key with its scheme."""
        for scheme in self.schemes:
            for key in scheme.keys:
                yield scheme, key


class _NoTwins(yaml.SafeLoader):
    """A loader that refuses a member that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def load_schemes(text: str | bytes) -> Schemes:
    """Read a configuration of schemes in YAML.

    Raises:
        InvalidSchemesError: it is not understood; the message names the place.
    """
    if len(text) > MAX_CONFIGURATION_BYTES:
        raise InvalidSchemesError(f"more than {MAX_CONFIGURATION_BYTES} bytes")
    try:
        return Schemes.model_validate(yaml.load(text, _NoTwins))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidSchemesError(f"not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise InvalidSchemesError(f"{place}: {first['msg']}") from error


@cache
def default_schemes() -> Schemes:
    """Return the schemes that come with the package (`data/schemes.yaml`)."""
    return load_schemes(files("link_resolver").joinpath("data/schemes.yaml").read_bytes())
