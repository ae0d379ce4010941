"""Data at rest. Knows no chain and no page."""
