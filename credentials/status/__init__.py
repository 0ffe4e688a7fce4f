"""Status: what the status lists that a credential names say of it, and whose word that is."""
