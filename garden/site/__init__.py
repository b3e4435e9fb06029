"""Stage 4: pages become HTML, feeds, a search index and rings."""
