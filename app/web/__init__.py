"""The HTML edge, by audience."""
