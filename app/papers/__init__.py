"""Papers and the register: notices, re-inspection opinions, and what leaves as a table (domain.md §10)."""
