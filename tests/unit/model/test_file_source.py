"""Rules on file sources, their paths and credentials."""

import pytest

from jobfleet.model import credential, file_source
from jobfleet.model.credential import CredentialType, merged_secrets
from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.errors import IllegalParameterError, IllegalParameterReasonError, UnsupportedFeatureError
from jobfleet.model.expansion import expand_files
from jobfleet.model.file_source import MAX_SHARED, Access, checked_access, checked_scopes
from jobfleet.model.object_path import parse_object_path


@pytest.mark.parametrize(
    ("path", "bucket", "key", "is_directory"),
    [
        ("bucket/a/b.bin", "bucket", "a/b.bin", False),
        ("/bucket/a", "bucket", "a", False),
        ("bucket/a/", "bucket", "a/", True),
        ("bucket/", "bucket", "", True),
    ],
)
def test_a_path_names_a_bucket_and_a_key(path: str, bucket: str, key: str, *, is_directory: bool) -> None:
    found = parse_object_path(path)
    assert (found.bucket, found.key, found.is_directory) == (bucket, key, is_directory)


def test_patterns_stand_in_the_last_part_only() -> None:
    found = parse_object_path("bucket/logs/*.log")
    assert found.key == "logs/"
    assert found.fits is not None
    assert found.fits("a.log")
    assert not found.fits("a.txt")
    assert parse_object_path("bucket/REGEX:a+").key == ""
    assert parse_object_path("bucket/*/x").fits is None


def test_an_expression_fits_whole_names_and_none_takes_long() -> None:
    exact, slow = parse_object_path("bucket/REGEX:a[0-9]+"), parse_object_path("bucket/REGEX:(a+)+(a|aa)+$")
    assert exact.fits is not None
    assert slow.fits is not None
    assert [exact.fits(name) for name in ("a12", "a12b", "xa1")] == [True, False, False]
    assert not slow.fits("a" * 10_000 + "b")  # a search that goes back and forth would never end


@pytest.mark.parametrize(
    "path", ["", "bucket", "bucket/a//b", "bucket/../b", "bucket/./b", "bucket/REGEX:(", "bucket/REGEX:(a)\\1"]
)
def test_what_is_no_path_of_an_object_is_told_apart(path: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_object_path(path)


def test_a_directory_is_called_as_its_last_part_or_as_the_bucket() -> None:
    assert parse_object_path("bucket/a/b/").directory_name == "b"
    assert parse_object_path("bucket/").directory_name == "bucket"


@pytest.mark.parametrize("endpoint", ["https://s3.example.com", "http://10.0.0.1:9000/", "https://[fd00::1]/store"])
def test_addresses_of_stores_are_taken(endpoint: str) -> None:
    assert checked_access(Access(endpoint)).endpoint == endpoint.rstrip("/")


@pytest.mark.parametrize(
    "access",
    [
        Access(""),
        Access("s3.example.com"),
        Access("ftp://s3.example.com"),
        Access("https://user:word@s3.example.com"),
        Access("https://s3.example.com?x=1"),
        Access("https://s3.example.com/ x"),
        Access("http://s3.example.com:0"),
        Access("https://s3.example.com", region="a b"),
        Access("https://s3.example.com", bucket="A/B"),
    ],
)
def test_other_addresses_are_refused(access: Access) -> None:
    with pytest.raises(IllegalParameterReasonError):
        checked_access(access)


def test_a_source_is_shared_with_so_many_scopes_at_most() -> None:
    assert len(checked_scopes([f"biz:{number}" for number in range(1, MAX_SHARED + 1)])) == MAX_SHARED
    with pytest.raises(IllegalParameterReasonError):
        checked_scopes([f"biz:{number}" for number in range(1, MAX_SHARED + 2)])


def test_codes_names_prefixes_and_kinds_have_their_form() -> None:
    assert file_source.checked_code("a_9") == "a_9"
    assert file_source.checked_code("a" * 32)
    for code in ("", "9a", "a-b", "a" * 33):
        with pytest.raises(IllegalParameterError):
            file_source.checked_code(code)
    assert file_source.checked_alias(" a ") == "a"
    for alias in ("", "a/b", "a" * 61):
        with pytest.raises(IllegalParameterReasonError):
            file_source.checked_alias(alias)
    with pytest.raises(IllegalParameterReasonError):
        file_source.checked_prefix("a/b")
    with pytest.raises(IllegalParameterReasonError):
        file_source.checked_scopes(["biz:0"])
    with pytest.raises(UnsupportedFeatureError):
        file_source.type_of("BLUEKING_ARTIFACTORY")


def test_a_secret_given_as_asterisks_or_not_at_all_stays() -> None:
    stored = {"credential_username": "u", "credential_password": "old"}
    kind = CredentialType.USERNAME_PASSWORD
    assert merged_secrets(kind, {"credential_password": "******"}, stored) == stored
    assert merged_secrets(kind, {"credential_password": "new"}, stored)["credential_password"] == "new"
    assert merged_secrets(kind, {"credential_secret_key": "x"}, stored) == stored


@pytest.mark.parametrize("given", [{}, {"credential_password": ""}, {"credential_password": "******"}])
def test_a_secret_that_is_nowhere_is_missing(given: dict[str, str]) -> None:
    with pytest.raises(IllegalParameterReasonError) as refused:
        merged_secrets(CredentialType.PASSWORD, given, {})
    assert refused.value.arguments[0] == "credential_password"


def test_secrets_names_and_descriptions_have_a_longest_size() -> None:
    longest = "x" * credential.MAX_SECRET_CHARACTERS
    assert merged_secrets(CredentialType.PASSWORD, {"credential_password": longest}, {})
    with pytest.raises(IllegalParameterReasonError):
        merged_secrets(CredentialType.PASSWORD, {"credential_password": longest + "x"}, {})
    assert credential.checked_name("x" * 60)
    with pytest.raises(IllegalParameterReasonError):
        credential.checked_name("x" * 61)
    with pytest.raises(IllegalParameterReasonError):
        credential.checked_description("x" * 1_001)
    assert credential.type_of("ACCESS_KEY_SECRET_KEY") is CredentialType.ACCESS_KEY
    with pytest.raises(IllegalParameterReasonError):
        credential.type_of("TOKEN")


def test_variables_are_replaced_in_the_paths_of_object_stores() -> None:
    source = FileSource(
        FileKind.FILE_SOURCE, (FileItem("builds/${version}/${none}"),), host_ids=(0,), title="${version}"
    )
    spec = FileSpec((source,), "/t/${version}", "root", 1, "root", 60)
    found = expand_files(spec, {"version": "1.2"})
    assert (found.sources[0].items[0].path, found.target_path) == ("builds/1.2/${none}", "/t/1.2")
    assert found.sources[0].title == "${version}"
