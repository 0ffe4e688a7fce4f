"""did:webvh 1.0: a document whose whole history is signed, chained, and named by its own hash.

One file a concern: `address` (where it lies), `parameters` (what governs it), `entries` (one line),
`proofs` (one signature), `log` (the chain), `witnesses` (who approved), `services` (what every such
document has implicitly), `host` (how it is read), `method` (states and answers).
"""

from resolver.methods.webvh.method import LogPolicy, WebvhMethod
from resolver.methods.webvh.scid import ScidMethod
from resolver.methods.webvh.services import parallel_web, path_target
from resolver.methods.webvh.state import WebvhState

__all__ = ["LogPolicy", "ScidMethod", "WebvhMethod", "WebvhState", "parallel_web", "path_target"]
