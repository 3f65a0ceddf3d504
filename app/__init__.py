"""隐患随手拍: hazards reported by photograph, followed to closure, tallied into a score that explains itself."""
