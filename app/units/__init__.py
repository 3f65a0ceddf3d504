"""The tree of units, places with QR codes, areas, duty, and routing that explains itself."""
