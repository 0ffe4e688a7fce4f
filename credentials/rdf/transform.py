"""From a document and the options of its proof to what is signed, and what that means."""

from credentials.rdf.canonicalise import canonicalise
from credentials.rdf.dataset import quads_of
from credentials.rdf.errors import InvalidJsonLdError, TooMuchWorkError
from credentials.rdf.jsonld import Expander
from credentials.rdf.meaning import meaning_of
from credentials.rdf.protection import protection_of
from credentials.rdf.selective import statements_of
from credentials.rdf.signed import Job, Transformed
from credentials.rdf.terms import Terms


class Transformer:
    """Transforms documents, and keeps what it has made of their contexts."""

    def __init__(self) -> None:
        self.expander = Expander()
        self._terms = Terms()

    def transform(self, job: Job) -> Transformed:
        """Expand, canonicalise and hash (Data Integrity EdDSA 1.0, 3.2; ECDSA 1.0, 3.2, 3.5).

        Raises:
            InvalidJsonLdError: it is no JSON-LD, or parts of it are not signed.
            InvalidProofError: a derived proof does not fit it.
            TooMuchWorkError: a limit is exceeded.
        """
        try:
            return self._transform(job)
        except RecursionError:
            raise TooMuchWorkError("nested too deep to be read as a graph") from None

    def _transform(self, job: Job) -> Transformed:
        most = job.limits.max_quads
        options = self.expander.expand(job.options)
        if any(each.terms for each in protection_of(job.options, options, self._terms).unprotected):
            raise InvalidJsonLdError("the proof's options could be read in several ways", "/proof")
        signed_options = canonicalise(quads_of(options.nodes, most), job.algorithm, job.limits)
        document = self.expander.expand(job.document)
        protection = protection_of(job.document, document, self._terms)
        meaning = meaning_of(document.nodes)
        quads = quads_of(document.nodes, most)
        statements = None
        if job.disclosure is None:
            digest = canonicalise(quads, job.algorithm, job.limits).digest(job.algorithm)
        else:
            statements = statements_of(quads, job.disclosure, job.limits)
            digest = statements.mandatory
        hashed = signed_options.digest(job.algorithm)
        return Transformed(hashed, digest, statements, protection, meaning)
