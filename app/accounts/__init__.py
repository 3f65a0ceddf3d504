"""Who acts: accounts, roles granted in units, the actor, permissions as data, sessions and tokens."""
