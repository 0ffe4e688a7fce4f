"""The product: service, command line, demo and bench over the packages beside it."""
