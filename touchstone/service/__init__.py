"""The host: HTTP around the packages, and nothing else."""
