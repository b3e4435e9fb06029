"""How long a build takes and how much memory it needs, at the size of a large community."""
