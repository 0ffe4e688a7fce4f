"""JSON Schemas: whether a credential has the shape that its type, or its issuer, promises."""
