"""DID resolution: identifiers, keys, proofs and guarded fetching.

Importing this package loads nothing: `policies` depends on `resolver.did` and must stay free of
network code. `resolve`, for programs that want one call, is loaded when it is first named.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolver.library import resolve

__all__ = ["resolve"]


def __getattr__(name: str) -> object:
    if name == "resolve":
        return import_module("resolver.library").resolve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
