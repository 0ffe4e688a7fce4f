"""Proofs: bytes and keys in, a verdict out."""
