"""Keeping on a bucket: an object altered there is named, left out of the file, and put right by a restore."""

import shutil
from collections.abc import Iterator

import pytest

from app.keeping.backup import back_up
from app.runtime import Runtime
from storage.s3_address import S3Address
from tests.integration.keeping.world import blank, faults, into
from tests.servers.s3 import S3Server


@pytest.fixture
def in_a_bucket(saved, s3_url, tmp_path) -> Iterator[Runtime]:
    """The house in which everything has happened, with its objects in a bucket."""
    with blank(tmp_path / "in-a-bucket", STORE_URL=s3_url) as means:
        into(saved, means)
        yield means


@pytest.fixture
def altered(in_a_bucket, s3_server: S3Server, s3_url: str) -> str:
    """The key of an object one bit of which somebody has flipped in the bucket."""
    key = next(iter(in_a_bucket.store.keys()))
    (path,) = (s3_server.folder / S3Address.parse(s3_url).bucket).rglob(key)
    content = path.read_bytes()
    path.write_bytes(content[:3] + bytes([content[3] ^ 1]) + content[4:])
    s3_server.look_anew()
    return key


def test_verify_names_an_object_altered_in_the_bucket_and_goes_on(in_a_bucket, altered):
    ran = in_a_bucket.flask.test_cli_runner().invoke(args=["verify"])
    assert ran.exit_code == 1
    first, *others = ran.output.splitlines()
    assert first.endswith(f": altered (object {altered})")
    assert others[0].startswith("objects: 1 wrong of ")
    assert others[-1].startswith("references: ")


def test_a_backup_saves_everything_but_the_object_altered_in_the_bucket(in_a_bucket, altered, tmp_path):
    made = back_up(tmp_path / "night.tar", means=in_a_bucket)
    assert [(loss.key, loss.what) for loss in made.losses] == [(altered, "altered")]
    assert made.manifest.objects.count == len(list(in_a_bucket.store.keys())) - 1
    assert (tmp_path / "night.tar").exists()


def test_a_restore_puts_the_object_altered_in_the_bucket_right(in_a_bucket, altered, saved, tmp_path):
    into(shutil.copy(saved, tmp_path / "again.tar"), in_a_bucket)
    assert faults(in_a_bucket) == {}
    with in_a_bucket.store.open(altered) as stream:
        assert stream.read(1)
