"""garden: rooms that the world may read become linked Markdown pages and a static site."""
