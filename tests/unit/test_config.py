"""Settings: defaults, every malformed value, all faults at once, and the key that is kept."""

import threading

import pytest

from config import DEFAULTS, Demo, Limits, Settings, SettingsError, is_loopback, secret_key_for

KEY = "k" * 40


def read(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def faults_of(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refusal:
        read(**environ)
    return refusal.value.faults


def test_an_empty_environment_is_one_machine_with_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = read()
    assert settings.data == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/hazards.sqlite3"
    assert settings.store_url == f"file:{tmp_path}/var/store"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.demo, settings.timezone, settings.secret_key) == (Demo.ON, "Asia/Shanghai", None)
    assert settings.limits == Limits()
    assert settings.nearest_place_metres == 300
    assert not settings.has_secure_cookies


def test_limits_are_those_of_the_contract():
    limits = Limits()
    assert (limits.photo_bytes, limits.photos) == (20 * 2**20, 9)
    assert (limits.multipart_bytes, limits.json_bytes) == (100 * 2**20, 256 * 2**10)
    assert (limits.description, limits.text) == (2000, 200)
    assert (limits.hazards_per_minute, limits.guest_hazards_per_minute) == (120, 10)


def test_reading_settings_touches_no_file(tmp_path):
    read(DATA=str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_value_means_the_default():
    assert read(**dict.fromkeys(DEFAULTS, "")) == read()


def test_every_value_can_be_set(tmp_path):
    settings = read(
        DATA=str(tmp_path),
        HOST="::1",
        PORT="8443",
        DEMO="0",
        DATABASE_URL=f"sqlite:///{tmp_path}/other.db",
        STORE_URL=f"file:{tmp_path}/photos",
        PUBLIC_URL="https://hazards.example.cn/",
        SECRET_KEY=KEY,
        TIMEZONE="Asia/Urumqi",
        PHOTO_LIMIT_BYTES="1000",
        NEAREST_PLACE_METRES="50",
    )
    assert (settings.host, settings.port, settings.demo) == ("::1", 8443, Demo.OFF)
    assert settings.database_url == f"sqlite:///{tmp_path}/other.db"
    assert settings.store_url == f"file:{tmp_path}/photos"
    assert settings.public_url == "https://hazards.example.cn"
    assert settings.has_secure_cookies
    assert (settings.timezone, settings.limits.photo_bytes) == ("Asia/Urumqi", 1000)
    assert settings.nearest_place_metres == 50


def test_an_ipv6_host_makes_a_bracketed_address():
    assert read(HOST="[::1]").public_url == "http://[::1]:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "not a host"),
        ("HOST", "127.0.0"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("PORT", "٨٠"),
        ("DEMO", "yes"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "sqlite:///relative.db"),
        ("STORE_URL", "file:relative"),
        ("STORE_URL", "ftp://host"),
        ("REDIS_URL", "http://host"),
        ("WEB_PROCESSES", "0"),
        ("ACCEL_REDIRECT", "yes"),
        ("TLS", "yes"),
        ("PUBLIC_URL", "hazards.example.cn"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://host/path"),
        ("PUBLIC_URL", "https://host?x=1"),
        ("PUBLIC_URL", "https://user@host"),
        ("PUBLIC_URL", "https://host:port"),
        ("PUBLIC_URL", "https://[::1"),
        ("SECRET_KEY", "short"),
        ("TIMEZONE", "Asia/Shijiazhuang"),
        ("TIMEZONE", "../../etc/passwd"),
        ("PHOTO_LIMIT_BYTES", "20MB"),
        ("PHOTOS_LIMIT", "0"),
        ("JSON_LIMIT_BYTES", "-1"),
        ("NEAREST_PLACE_METRES", "1.5"),
    ],
)
def test_a_malformed_value_is_one_fault_that_names_its_setting(name, value):
    (fault,) = faults_of(**{name: value})
    assert fault.startswith(f"{name} ")


def test_all_faults_are_listed_at_once():
    faults = faults_of(PORT="x", DEMO="x", TIMEZONE="x", PHOTOS_LIMIT="x")
    assert [fault.split()[0] for fault in faults] == ["PORT", "DEMO", "TIMEZONE", "PHOTOS_LIMIT"]


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [
        ("DATABASE_URL", "postgresql+psycopg://user:hunter2@db/hazards", "database_url"),
        ("STORE_URL", "s3+https://KEY:hunter2@host:9000/bucket?region=cn", "store_url"),
        ("REDIS_URL", "redis://:hunter2@host:6379/0", "redis_url"),
    ],
)
def test_the_address_of_a_server_is_taken_and_its_password_never_shown(name, value, attribute):
    settings = Settings.from_environment({name: value})
    assert getattr(settings, attribute) == value
    assert "hunter2" not in repr(settings)


def test_postgresql_is_always_reached_through_psycopg_3():
    settings = Settings.from_environment({"DATABASE_URL": "postgresql://user@db/hazards"})
    assert settings.database_url == "postgresql+psycopg://user@db/hazards"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+psycopg://user:hunter2@db"),
        ("STORE_URL", "s3+https://KEY:hunter2@host/bucket"),
        ("STORE_URL", "s3+https://hunter2@host/bucket?region=cn"),
        ("STORE_URL", "s3+https://KEY:hunter2@host/A_B?region=cn"),
        ("STORE_URL", "s3+https://KEY:hunter2@host/bucket?region=cn&x=1"),
        ("REDIS_URL", "redis:hunter2"),
    ],
)
def test_a_malformed_address_is_one_fault_that_repeats_no_password(name, value):
    faults = faults_of(**{name: value})
    assert [fault.split()[0] for fault in faults] == [name]
    assert "hunter2" not in faults[0]


def test_several_web_processes_need_redis():
    (fault,) = faults_of(WEB_PROCESSES="2")
    assert "REDIS_URL" in fault
    assert Settings.from_environment({"WEB_PROCESSES": "2", "REDIS_URL": "redis://localhost"}).web_processes == 2


@pytest.mark.parametrize(("text", "switched"), [("0", False), ("1", True), ("", False)])
def test_a_switch_is_0_or_1(text, switched):
    assert Settings.from_environment({"ACCEL_REDIRECT": text}).is_accelerated is switched


def test_demo_accounts_are_not_offered_to_a_network():
    (fault,) = faults_of(HOST="0.0.0.0")  # noqa: S104  # the very thing that must be refused
    assert "DEMO=0" in fault
    assert "DEMO=open" in fault
    for demo in ("0", "open"):
        assert read(HOST="0.0.0.0", DEMO=demo).demo == demo  # noqa: S104


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("LocalHost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
    ],
)
def test_only_loopback_is_loopback(host, expected):
    assert is_loopback(host) is expected


def test_a_photo_limit_above_the_request_limit_is_a_contradiction():
    (fault,) = faults_of(PHOTO_LIMIT_BYTES="1001", MULTIPART_LIMIT_BYTES="1000")
    assert "MULTIPART_LIMIT_BYTES" in fault


def test_the_secret_key_is_never_shown():
    assert KEY not in repr(read(SECRET_KEY=KEY))


def test_a_given_key_is_used_and_not_kept(tmp_path):
    assert secret_key_for(read(DATA=str(tmp_path), SECRET_KEY=KEY)) == KEY
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_made_once_for_its_owner_only(tmp_path):
    settings = read(DATA=str(tmp_path / "var"))
    key = secret_key_for(settings)
    assert len(key) >= 32
    assert secret_key_for(settings) == key
    (path,) = settings.data.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree_on_the_key(tmp_path):
    settings = read(DATA=str(tmp_path))
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(secret_key_for(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_an_emptied_key_file_is_named_not_used(tmp_path):
    (tmp_path / "secret-key").write_text("\n", encoding="ascii")
    with pytest.raises(SettingsError, match="secret-key"):
        secret_key_for(read(DATA=str(tmp_path)))


def test_a_mail_server_needs_a_sender_and_never_shows_its_password():
    settings = Settings.from_environment(
        {"SMTP_URL": "smtp://safety:s3cret@mail.example.org:587", "MAIL_FROM": "safety@example.org"}
    )
    assert settings.smtp_url.endswith("mail.example.org:587")
    assert "s3cret" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"SMTP_URL": "smtp://safety:s3cret@mail.example.org"})
    assert refused.value.faults == ("MAIL_FROM must name the sender's address when SMTP_URL is set",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "http://s3cret@mail.example.org"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://s3cret:s3cret@host:abc"),
        ("MAIL_FROM", "a@b\r\nBcc: c@d"),
        ("MAIL_FROM", "nobody"),
        ("OUTGOING_ALLOWED", "10.0.0.0/99"),
        ("OUTGOING_ALLOWED", "hook.lan, not a host"),
    ],
)
def test_a_mistyped_way_out_stops_the_start_without_its_password(name, value):
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: value})
    assert any(fault.startswith(name) for fault in refused.value.faults)
    assert "s3cret" not in str(refused.value)


def test_listed_hosts_are_names_addresses_and_networks():
    settings = Settings.from_environment({"OUTGOING_ALLOWED": "Hook.LAN., 10.1.2.3/16,::1 , 127.0.0.1"})
    assert settings.outgoing_allowed == ("hook.lan", "10.1.0.0/16", "::1/128", "127.0.0.1/32")


TILES = "https://t0.tianditu.gov.cn/DataServer?T=vec_w&x={x}&y={y}&l={z}&tk=s3cret"


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("", ""),
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("https://tiles.example.org:8443/{z}/{y}/{x}", "https://tiles.example.org:8443"),
        (TILES, "https://t0.tianditu.gov.cn"),
        ("http://10.1.2.3/{z}/{x}/{y}", "http://10.1.2.3"),
        ("http://maps/{z}/{x}/{y}", "http://maps"),
        ("http://maps.plant.lan:8080/{z}/{x}/{y}", "http://maps.plant.lan:8080"),
        (f"{TILES} {TILES}", "https://t0.tianditu.gov.cn"),
        ("https://a.lan/{z}/{x}/{y} http://b.lan/{z}/{x}/{y}", "https://a.lan http://b.lan"),
    ],
)
def test_tiles_come_from_one_named_origin(tiles, origin):
    settings = read(MAP_TILES=tiles, MAP_DATUM="gcj02", MAP_CREDIT="© 天地图")
    assert (settings.map_tiles, settings.map_origin) == (tiles, origin)
    assert (settings.map_datum, settings.map_credit) == ("gcj02", "© 天地图")
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAP_TILES", "http://s3cret.example.org/{z}/{x}/{y}"),
        ("MAP_TILES", "http://8.8.8.8/s3cret/{z}/{x}/{y}"),
        ("MAP_TILES", "ftp://s3cret.lan/{z}/{x}/{y}"),
        ("MAP_TILES", "https://tiles.example.org/s3cret/{z}/{x}"),
        ("MAP_TILES", "https://tiles.example.org/{z}/{z}/{x}/{y}?s3cret"),
        ("MAP_TILES", "https://{s}.example.org/{z}/{x}/{y}?s3cret"),
        ("MAP_TILES", "https://tiles.example.org/{z}/{x}/{y}/{s3cret}"),
        ("MAP_TILES", "https://s3cret:s3cret@tiles.example.org/{z}/{x}/{y}"),
        ("MAP_TILES", "https://a; script-src *.s3cret/{z}/{x}/{y}"),
        ("MAP_TILES", "https://a;script-src.s3cret/{z}/{x}/{y}"),
        ("MAP_TILES", "https:///s3cret/{z}/{x}/{y}"),
        ("MAP_TILES", "https://a.lan/{z}/{x}/{y} https://b.lan/{z}/{x}/s3cret"),
        ("MAP_TILES", "https://a.lan/{z}/{x}/{y} https://b.lan/{z}/{x}/{y} https://c.lan/{z}/{x}/{y}?s3cret"),
        ("MAP_DATUM", "bd09"),
        ("MAP_CREDIT", "x" * 201),
    ],
)
def test_a_mistyped_map_stops_the_start_without_its_key(name, value):
    with pytest.raises(SettingsError) as refused:
        read(**{name: value})
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0].startswith(name)
    assert "s3cret" not in str(refused.value)


def test_with_tls_of_its_own_the_address_is_https_and_cookies_are_secure():
    settings = read(TLS="1", HOST="192.168.1.20", DEMO="0")
    assert settings.public_url == "https://192.168.1.20:8000"
    assert (settings.has_own_tls, settings.has_secure_cookies, settings.public_host) == (
        True,
        True,
        "192.168.1.20",
    )
    assert read(TLS="1", HOST="::1").public_host == "::1"
    assert not read().has_own_tls


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"HOST": "0.0.0.0", "DEMO": "0"}, "needs the address that phones will use"),  # noqa: S104  # not bound
        ({"HOST": "::", "DEMO": "0"}, "needs the address that phones will use"),
        ({"PUBLIC_URL": "http://192.168.1.20:8000"}, "must begin with https://"),
        ({"TRUSTED_PROXIES": "1"}, "contradict"),
        ({"HOST": "192.168.1.20"}, "lets the network reach demo accounts"),
    ],
)
def test_what_contradicts_tls_is_told_at_the_start(environ: dict[str, str], sentence: str):
    assert any(sentence in fault for fault in faults_of(TLS="1", **environ))


def test_everywhere_is_a_fine_place_to_listen_when_the_phones_address_is_named():
    everywhere = "0.0.0.0"  # noqa: S104  # not bound
    settings = read(TLS="1", HOST=everywhere, DEMO="open", PUBLIC_URL="https://192.168.1.20:8000")
    assert settings.public_host == "192.168.1.20"
