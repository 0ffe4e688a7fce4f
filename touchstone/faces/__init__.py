"""Faces: the one decision in the protocols of others; the host wires what answers."""
