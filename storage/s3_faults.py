"""What an S3-compatible store answers when it does not do as asked, as errors of a store."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from xml.etree.ElementTree import ParseError

import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError

from storage.object_store import ObjectMissing, StoreError, StoreFull, StoreUnavailable

NO_BUCKET: Final = "NoSuchBucket"
_FULL: Final = frozenset(
    {
        "EntityTooLarge",
        "InsufficientCapacity",
        "QuotaExceeded",
        "XMinioAdminBucketQuotaExceeded",
        "XMinioStorageFull",
    }
)
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchObject"})
_NO_ROOM: Final = frozenset({413, 507})
_NOT_FOUND: Final = 404
_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>")
_STATUS: Final = re.compile(r"Response code: ([0-9]{3})")


@contextmanager
def as_store_error() -> Iterator[None]:
    """Turn whatever may go wrong in a call into a store's error whose message is a code, never an address."""
    try:
        yield
    except S3Error as error:
        raise refusal(error.response.status, error.code) from error
    except InvalidResponseError as error:
        # Some servers call their XML text/xml, which the SDK does not read. The parts are only in the message.
        told = str(error)
        status = _STATUS.search(told)
        raise refusal(int(status[1]) if status else 0, code_in(told)) from error
    except ServerError as error:
        raise refusal(error.status_code, None) from error
    except urllib3.exceptions.MaxRetryError as error:
        raise StoreUnavailable(type(error.reason or error).__name__) from error
    # ValueError and ParseError: headers and lists that are none.
    except (urllib3.exceptions.HTTPError, OSError, ValueError, ParseError) as error:
        raise StoreUnavailable(type(error).__name__) from error


def refusal(status: int, code: str | None) -> StoreError:
    """The error that an HTTP status and the store's own code mean."""
    if code in _FULL or status in _NO_ROOM:
        return StoreFull(code or f"HTTP {status}")
    if code in _MISSING or (status == _NOT_FOUND and code != NO_BUCKET):
        return ObjectMissing()
    return StoreUnavailable(code if code and re.fullmatch(r"[A-Za-z0-9.]{1,64}", code) else f"HTTP {status}")


def code_in(body: str) -> str | None:
    """The store's own code in the XML of a refusal."""
    found = _CODE.search(body)
    return found[1] if found else None
