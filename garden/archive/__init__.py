"""Stage 1: a homeserver, or files, become events on disk."""
