"""The header of what registries sign: who signed what kind of thing, and nothing else."""

from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError
from resolver.proofs.jose import InvalidJwsError, Jws

_HEADER = frozenset({"alg", "kid", "typ"})
_ALGORITHMS = ("Ed25519", "ES256")


def signing_method(jws: Jws, kind: str) -> DidUrl:
    """Read which verification method is said to have signed; its signature is verified elsewhere.

    Args:
        jws: a signature that nobody believes yet.
        kind: the `typ` that its protected header must have.

    Raises:
        InvalidJwsError: the header has other members than `alg` (Ed25519 or ES256), `kid` and
            `typ`, or a `kid` that is no DID URL of a method.
    """
    header = jws.header
    if header.keys() != _HEADER:
        raise _wrong("has exactly alg, kid and typ")
    if header["typ"] != kind:
        raise _wrong(f"has the typ {kind}")
    if header["alg"] not in _ALGORITHMS:
        raise _wrong("has the alg Ed25519 or ES256")
    try:
        method = DidUrl.parse(jws.kid or "")
    except InvalidDidUrlError as error:
        raise _wrong(f"has a kid that is a DID URL: {error}") from None
    if not method.fragment or method.path or method.query is not None:
        raise _wrong("has a kid that is a DID with a fragment")
    return method


def _wrong(demand: str) -> InvalidJwsError:
    return InvalidJwsError(f"the protected header {demand}")
