"""What readers may ask of a registry: parties, statements, histories, changes, as JSON."""
