"""Issuing: a body, a test key and a form make a signed credential."""

import json

from resolver.jcs import canonicalise
from resolver.proofs.data_integrity import sign_jcs
from resolver.proofs.jose import sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from touchstone.demo.bodies import CONTEXTS, credential_body
from touchstone.demo.data import CredentialData, DemoData
from touchstone.demo.keys import demo_key


def issue(credential: CredentialData, data: DemoData) -> Json:
    """Issue one of the demo's credentials, as text (a JWT) or as an object."""
    body = credential_body(credential, data)
    return secure(
        body,
        credential.form,
        method=f"{data.parties[credential.issuer].did}#key-{credential.key}",
        key=demo_key(credential.issuer, credential.key),
    )


def secure(body: dict[str, Json], form: str, *, method: str, key: PrivateKey) -> Json:
    """Sign a credential body.

    Args:
        body: the unsigned credential.
        form: `jwt`, `enveloped` or `embedded`.
        method: the DID URL of the key.
        key: the issuer's key.
    """
    if form == "embedded":
        return sign_jcs(body, method, key, created=None)
    header: dict[str, Json] = {
        "alg": key.algorithm.value,
        "kid": method,
        "typ": "vc+jwt",
        "cty": "vc",
    }
    token = sign_compact(canonicalise(body), header, key)
    if form == "jwt":
        return token
    return {
        "@context": CONTEXTS[:1],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }


def request_body(credential: Json) -> bytes:
    """Write the body of `POST /v1/credentials/verify` for a credential."""
    return json.dumps({"credential": credential}, indent=2).encode()
