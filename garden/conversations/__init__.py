"""Stage 2: events become conversations; pure."""
