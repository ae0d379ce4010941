"""What the clock, or a person at a terminal, starts."""
