"""The line to one S3-compatible store: this process's connections, the SDK on top of them, and our own PUT."""

import base64
import os
import urllib.parse
from datetime import UTC, datetime
from http import HTTPStatus

from minio import Minio
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3
from minio.time import to_amz_date
from urllib3 import BaseHTTPResponse, PoolManager

from storage.object_store import StoreUnavailable
from storage.s3_address import S3Address
from storage.s3_connections import timed_connections
from storage.s3_faults import code_in, refusal
from storage.s3_writing import Content


class S3Line:
    """Opened by the first call of each process: a forked child shares no connection with its parent."""

    def __init__(self, address: S3Address, *, connect_seconds: float) -> None:
        self._address = address
        self._connect_seconds = connect_seconds
        self._ends: tuple[int, PoolManager, Minio] | None = None

    @property
    def client(self) -> Minio:
        """The SDK."""
        return self._opened()[2]

    @property
    def connections(self) -> PoolManager:
        """What it speaks through."""
        return self._opened()[1]

    def send(self, name: str, content: Content) -> None:
        """One PUT, streamed from the file: the SDK's own would hold the whole object in memory.

        Raises:
            StoreError: the store refused, or says that it has taken other bytes.
            urllib3.exceptions.HTTPError, OSError: it did not come to an answer.
        """
        bucket, region = self._address.bucket, self._address.region
        # Only for its host and path, which the SDK knows how to make for every kind of store.
        url = urllib.parse.urlsplit(self.client.get_presigned_url("PUT", bucket, name))._replace(query="")
        now = datetime.now(UTC)
        headers = sign_v4_s3(
            method="PUT",
            url=url,
            region=region,
            headers={
                "Host": url.netloc,
                "Content-Length": str(content.size),
                "Content-MD5": base64.b64encode(content.md5).decode(),
                "Content-Type": "application/octet-stream",
                "x-amz-content-sha256": content.sha256,
                "x-amz-date": to_amz_date(now),
            },
            credentials=Credentials(self._address.key, self._address.secret),
            content_sha256=content.sha256,
            date=now,
        )
        signed = {header: str(value) for header, value in headers.items()}
        answer = self.connections.urlopen("PUT", url.geturl(), body=content.file, headers=signed)
        if answer.status != HTTPStatus.OK:
            raise refusal(answer.status, code_in(answer.data.decode(errors="replace")))
        _see_digest(answer, content)

    def _opened(self) -> tuple[int, PoolManager, Minio]:
        if self._ends is None or self._ends[0] != os.getpid():
            has_tls = self._address.has_tls
            connections = timed_connections(connect_seconds=self._connect_seconds, has_tls=has_tls)
            client = Minio(
                self._address.endpoint,
                access_key=self._address.key,
                secret_key=self._address.secret,
                secure=has_tls,
                region=self._address.region,
                http_client=connections,
            )
            self._ends = (os.getpid(), connections, client)
        return self._ends


def _see_digest(answer: BaseHTTPResponse, content: Content) -> None:
    """The store's own digest of what it took: the MD5, unless it encrypts each object with a key of its own."""
    if "aws:kms" in answer.headers.get("x-amz-server-side-encryption", ""):
        return
    if answer.headers.get("ETag", "").strip('"').lower() != content.md5.hex():
        raise StoreUnavailable("kept with another digest")
