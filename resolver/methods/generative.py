"""The methods whose documents follow from the identifier alone."""

from resolver.methods import Method
from resolver.methods.jwk import JwkMethod
from resolver.methods.key import KeyMethod
from resolver.methods.peer import PeerMethod
from resolver.methods.pkh import PkhMethod


def generative_methods() -> dict[str, Method]:
    """Each of them by its name: nothing is fetched, and nothing can change."""
    return {"key": KeyMethod(), "jwk": JwkMethod(), "peer": PeerMethod(), "pkh": PkhMethod()}
