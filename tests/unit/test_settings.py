"""Settings: where they come from, which wins, and what is refused."""

from pathlib import Path

import pytest

from jobfleet.settings import FIELDS, PREFIX, Settings, allowed, description_of, masked
from jobfleet.settings_sources import SettingError, load, required


def test_a_flag_beats_a_variable_that_the_file_and_that_the_default(tmp_path: Path) -> None:
    file = tmp_path / "jobfleet.toml"
    file.write_text("port = 1\nhost = '10.0.0.1'\nhistory_days = 7")
    loaded = load({"port": "3"}, {"JOBFLEET_PORT": "2", "JOBFLEET_HOST": "10.0.0.2"}, str(file))
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.history_days) == (3, "10.0.0.2", 7)
    assert loaded.settings.output_days == 60
    assert [loaded.origins[name] for name in ("port", "host", "history_days", "output_days")] == [
        "--port",
        "JOBFLEET_HOST",
        str(file),
        "default",
    ]


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "jobfleet.toml"
    file.write_text("role = 'api'")
    assert load({}, {"JOBFLEET_CONFIG": str(file)}).settings.role == "api"


def test_a_table_in_the_file_joins_its_name_to_its_settings(tmp_path: Path) -> None:
    file = tmp_path / "jobfleet.toml"
    file.write_text("[compat]\nescape_v2_logs = true\n[database]\nurl = 'postgresql://h/d'")
    settings = load({}, {}, str(file)).settings
    assert settings.compat_escape_v2_logs
    assert settings.database_url == "postgresql://h/d"


def test_several_values_are_separated_with_commas() -> None:
    env = {"JOBFLEET_NATS_URL": "nats://a:4222, tls://b:4222", "JOBFLEET_PATH_PREFIX": "/prod,/stag"}
    settings = load({}, env).settings
    assert settings.nats_url == ["nats://a:4222", "tls://b:4222"]
    assert settings.path_prefix == ["/prod", "/stag"]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PORT", "http", "a whole number from 0 to 65535"),
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("ROLE", "boss", "one of all, api, engine"),
        ("COMPAT_ESCAPE_V2_LOGS", "maybe", "true or false"),
        ("DATABASE_URL", "mysql://root:hunter2@h/d", "postgresql://user:password@host:port/name"),
        ("NATS_URL", "http://h", "nats://host:port"),
        ("TIME_ZONE", "Mars/Olympus", "IANA"),
        ("PATH_PREFIX", "prod/", "/prod"),
        ("HISTORY_DAYS", "0", "from 1 to 36500"),
        ("FILES_STORE_URL", "https://store/bucket", "https://KEY:SECRET@host/bucket"),
        ("FILES_STORE_URL", "https://key:hunter2@store", "https://KEY:SECRET@host/bucket"),
        ("FILES_STORE_URL", "https://key:hunter2/x@store/bucket", "https://KEY:SECRET@host/bucket"),
        ("FILES_STORE_URL", "s3://key:hunter2@store/bucket", "https://KEY:SECRET@host/bucket"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_the_allowed_form(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingError, match=f"JOBFLEET_{variable}") as refused:
        load({}, {PREFIX + variable: value})
    assert refused.value.name == variable.lower()
    assert told in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_an_unknown_setting_is_refused_by_name_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match=r"prot .*JOBFLEET_PROT.*did you mean port"):
        load({}, {"JOBFLEET_PROT": "80"})


def test_a_wrong_type_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "jobfleet.toml"
    file.write_text("port = true")
    with pytest.raises(SettingError, match="port"):
        load({}, {}, str(file))


def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "jobfleet.toml"
    file.write_text("port = = 1")
    with pytest.raises(SettingError, match=r"jobfleet\.toml"):
        load({}, {}, str(file))


def test_variables_of_agents_clients_and_scripts_are_none_of_ours() -> None:
    assert (
        load({}, {"JOBFLEET_AGENT_SERVER": "x", "JOBFLEET_TOKEN": "y", "JOBFLEET_KEY": "z", "HOME": "/"}).settings
        == Settings()
    )


def test_a_needed_setting_that_is_empty_is_named_with_the_ways_to_give_it() -> None:
    with pytest.raises(SettingError, match=r"database_url.*--database-url, JOBFLEET_DATABASE_URL"):
        required(Settings(), "database_url")


def test_passwords_in_addresses_are_masked() -> None:
    settings = Settings(database_url="postgresql://job:hunter2@db:5432/job", nats_url=["nats://tok@h:1"])
    shown = masked(settings)
    assert shown["database_url"] == "postgresql://job:***@db:5432/job"
    assert shown["nats_url"] == ["nats://***@h:1"]


@pytest.mark.parametrize("rest", ["bucket", "bucket/", "bucket/a/prefix", "bucket?region=eu-west-1"])
def test_a_bucket_for_files_is_taken_with_its_keys_and_shown_without_the_secret_one(rest: str) -> None:
    settings = load({}, {"JOBFLEET_FILES_STORE_URL": f"https://key:hunt%2Fer2@store:9000/{rest}"}).settings
    assert masked(settings)["files_store_url"] == f"https://key:***@store:9000/{rest}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://job:hunt/er2@db/job",
        "postgresql://job:hunt@er2@db/job",
        "postgresql://job:hunter2?@db/job",
        "postgresql://db/job?password=hunter2&sslmode=require",
        "postgresql://db/job?user=job&sslpassword=hunter2",
    ],
)
def test_a_password_is_masked_however_it_is_written(url: str) -> None:
    shown = masked(Settings(database_url=url))["database_url"]
    assert "hun" not in shown
    assert "er2" not in shown
    assert "db/job" in shown


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_says_what_it_means_and_takes(name: str) -> None:
    assert len(description_of(name)) > 10
    assert allowed(name)
