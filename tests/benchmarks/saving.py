"""The usual way, on the product's server: `request.files[…].save`, then a second read for the hash."""

import hashlib
import os
import uuid
from pathlib import Path

from flask import Flask, request

application = Flask(__name__)
FOLDER = Path.cwd()


@application.get("/healthz")
def health() -> str:
    """Say that it is up."""
    return "up"


@application.post("/save")
def save() -> dict[str, str]:
    """Keep one photo as durably as the product does."""
    path = FOLDER / uuid.uuid4().hex
    request.files["photo"].save(path)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(64 * 1024):
            digest.update(part)
        os.fsync(stream.fileno())
    path.unlink()
    return {"sha256": digest.hexdigest()}
