"""Bytes and keys. Has no idea what a photo is."""
