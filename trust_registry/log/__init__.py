"""The journal as a tiled transparency log (C2SP): what strangers can check it by."""
