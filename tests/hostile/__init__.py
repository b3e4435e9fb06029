"""What people with bad intentions send: it goes through the whole garden, and nothing of it may do harm."""
