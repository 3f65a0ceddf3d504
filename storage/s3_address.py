"""Where an S3-compatible store is, and with which key: read from one address."""

import urllib.parse
from dataclasses import dataclass, field

from minio.helpers import check_bucket_name


@dataclass(frozen=True)
class S3Address:
    """The parts of `s3+http(s)://KEY:SECRET@HOST[:PORT]/BUCKET?region=REGION`, percent-decoded."""

    endpoint: str
    """Host and port, as they are signed."""
    has_tls: bool
    bucket: str
    region: str
    """Always named: nobody asks the store where its bucket lies."""
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> "S3Address":
        """The parts of `url`.

        Raises:
            ValueError: a part is missing or is no bucket's name; the message repeats nothing of the address.
        """
        parts = urllib.parse.urlsplit(url)
        query = urllib.parse.parse_qs(parts.query)
        bucket = parts.path.strip("/")
        endpoint = parts.netloc.rpartition("@")[2]
        if parts.scheme not in {"s3+http", "s3+https"} or not parts.username or not parts.password or not endpoint:
            raise ValueError("no store of the kind 's3' without key, secret and host")
        if list(query) != ["region"]:
            raise ValueError("no store of the kind 's3' without its region")
        try:
            check_bucket_name(bucket, strict=True)
        except ValueError as error:
            raise ValueError("no store of the kind 's3' with such a bucket's name") from error
        return cls(
            endpoint=endpoint,
            has_tls=parts.scheme == "s3+https",
            bucket=bucket,
            region=query["region"][0],
            key=urllib.parse.unquote(parts.username),
            secret=urllib.parse.unquote(parts.password),
        )
