"""JSON-LD expansion by PyLD, with admitted contexts only and none processed twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, cast

import orjson
from pyld import jsonld  # type: ignore[import-untyped]  # it has no types

from credentials.rdf.errors import InvalidJsonLdError
from resolver.strict_json import Json

_MAX_PROCESSED = 4_000
"""Processed contexts that are kept; all UNTP contexts together need about 800."""
_INITIAL = {"processingMode": "json-ld-1.1"}

ActiveContext: TypeAlias = Mapping[str, Any]
"""A processed context, as PyLD holds it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which contexts an object of a document was read by.

    Attributes:
        active: what its members are read by.
        typing: what the values of its `type` are read by.
    """

    active: ActiveContext
    typing: ActiveContext


@dataclass(frozen=True, slots=True)
class Expanded:
    """An expanded document.

    Attributes:
        nodes: its nodes, in expanded form.
        scopes: the scope of each object of the document, by its identity (`id`).
        value_context: gives what the value of a term is read by: its own context, where it has one.
    """

    nodes: list[dict[str, Any]]
    scopes: Mapping[int, Scope]
    value_context: Callable[[ActiveContext, str], ActiveContext]


class Expander:
    """Expands documents; keeps what it has made of their contexts.

    Every context comes from `contexts`, by URL, and a URL there never changes its meaning: what is
    kept for one document is right for any other.
    """

    def __init__(self) -> None:
        self.contexts: dict[str, Any] = {}
        self._processor = _Processor()
        self._resolver = jsonld.ContextResolver({}, self._load)

    def add(self, url: str, raw: bytes) -> None:
        """Make a context available, as its bytes."""
        self.contexts[url] = orjson.loads(raw)

    def expand(self, document: Mapping[str, Json]) -> Expanded:
        """Expand a document (JSON-LD 1.1 API, 5.1).

        Args:
            document: what is expanded; its contexts are all URLs that were added.

        Raises:
            InvalidJsonLdError: it breaks a rule of JSON-LD, such as that protected terms stay.
        """
        options = {
            **_INITIAL,
            "base": None,
            "isFrame": False,
            "keepFreeFloatingNodes": False,
            "contextResolver": self._resolver,
        }
        try:
            return self._processor.run(document, options)
        except jsonld.JsonLdError as error:
            raise InvalidJsonLdError(_reason(error)) from None
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise InvalidJsonLdError(f"not JSON-LD: {type(error).__name__}") from None

    def _load(self, url: str, _options: Mapping[str, Any]) -> dict[str, Any]:
        # PyLD writes into what it loads.
        document = orjson.loads(orjson.dumps(self.contexts[url]))
        return {"contextUrl": None, "documentUrl": url, "document": document, "tag": "static"}


def _reason(error: jsonld.JsonLdError) -> str:
    """Return the message of the innermost error, which names the rule."""
    found: BaseException = error
    while isinstance(found.__cause__, jsonld.JsonLdError):
        found = found.__cause__
    text = str(found.args[0]) if found.args else "not JSON-LD"
    return text.removeprefix("Invalid JSON-LD syntax; ")


class _Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD has no types
    """PyLD's processor, remembering what became of a context within another.

    Contexts are told apart by identity: active ones are made here and kept here, local ones are
    parts of those or URLs.
    """

    def __init__(self) -> None:
        super().__init__()
        self._processed: dict[tuple[object, ...], tuple[ActiveContext, ActiveContext, Any]] = {}
        self._scopes: dict[int, Scope] = {}

    def run(self, document: Mapping[str, Json], options: Mapping[str, Any]) -> Expanded:
        self._scopes = {}
        active = self._get_initial_context(options)
        expanded = self._expand(active, None, document, options, inside_list=False)
        nodes = cast("list[dict[str, Any]]", self.arrayify(expanded or []))
        return Expanded(nodes, self._scopes, partial(self._value_context, options))

    def _value_context(
        self, options: Mapping[str, Any], active: ActiveContext, term: str
    ) -> ActiveContext:
        own = self.get_context_value(active, term, "@context")
        if own is None:
            return active
        return self._process_context(active, own, options, override_protected=True)

    def _expand_object(
        self,
        active_ctx: ActiveContext,
        active_property: str | None,
        expanded_active_property: str | None,
        element: Mapping[str, Any],
        expanded_parent: dict[str, Any],
        options: Mapping[str, Any],
        inside_list: bool = False,
        type_key: str | None = None,
        type_scoped_ctx: ActiveContext | None = None,
    ) -> None:
        self._scopes[id(element)] = Scope(active_ctx, type_scoped_ctx or active_ctx)
        super()._expand_object(
            active_ctx,
            active_property,
            expanded_active_property,
            element,
            expanded_parent,
            options,
            inside_list,
            type_key,
            type_scoped_ctx,
        )

    def _process_context(
        self,
        active_ctx: ActiveContext,
        local_ctx: Any,
        options: Mapping[str, Any],
        override_protected: bool = False,
        propagate: bool = True,
        validate_scoped: bool = True,
        cycles: set[str] | None = None,
    ) -> ActiveContext:
        local = _by_url(local_ctx) or id(local_ctx)
        key = (id(active_ctx), local, override_protected, propagate, validate_scoped)
        kept = self._processed.get(key)
        if kept is None:
            result: ActiveContext = super()._process_context(
                active_ctx,
                local_ctx,
                options,
                override_protected,
                propagate,
                validate_scoped,
                cycles,
            )
            if cycles:  # where a circle of contexts was cut short, elsewhere it may not be
                return result
            if len(self._processed) >= _MAX_PROCESSED:
                self._processed.clear()
            # What is told apart by identity has to live as long as the memory of it.
            kept = self._processed[key] = (result, active_ctx, local_ctx)
        return kept[0]


def _by_url(local: object) -> str | tuple[str, ...] | None:
    """Return the URLs that a context is made of, where it is nothing else."""
    if isinstance(local, str):
        return local
    if isinstance(local, list) and all(isinstance(each, str) for each in local):
        return tuple(local)
    return None
