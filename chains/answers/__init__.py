"""One file a route: the question in, a `Draft` of computed facts and finished wording out."""
