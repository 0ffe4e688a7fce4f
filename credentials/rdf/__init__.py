"""The meaning of a credential: JSON-LD to a graph, and the one form of a graph that is signed."""
