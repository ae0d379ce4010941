"""The calls of the HTTP contract, one file a subject."""
