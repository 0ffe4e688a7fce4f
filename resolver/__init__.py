"""DID resolution: identifiers, keys, proofs and guarded fetching.

Importing this package loads nothing: `policies` depends on `resolver.did` and must stay free of
network code.
"""
