"""How this package says no: one sentence for whoever sits at the machine."""


class Refused(Exception):  # noqa: N818  # named for what happened, like the tree of core.errors
    """Nothing was done, and the sentence says why and what to do; it holds no secret and no person's name."""
