"""One credential in, what it proves out."""
