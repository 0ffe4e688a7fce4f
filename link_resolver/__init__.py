"""Product identifiers to the places where credentials are. An empty room so far."""
