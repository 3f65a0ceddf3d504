"""Rules as data, the points ledger, monthly statements."""
