"""HTTP message signatures (RFC 9421): what was asked, or answered, signed as it is on the wire."""
