"""Stage 3: conversations and notes become linked Markdown pages."""
