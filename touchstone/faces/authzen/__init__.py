"""OpenID AuthZEN Authorization API 1.0: evaluations, batches of them, and searches."""
