"""Keeping: the backup of everything in one file, its restoration anywhere, and the proof that all is as it was."""
