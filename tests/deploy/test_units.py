"""The units, the example of settings and the alerts say nothing that the product does not have."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.keeping_cli import SAVED_WITH_LOSSES
from config import DEFAULTS, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
HOME = "/opt/hazards"
UNITS = sorted((DEPLOY / "systemd").iterdir())
WORKERS = ("hazards-relay.service", "hazards-queue@.service", "hazards-embedded.service")


def text_of(name: str) -> str:
    return (DEPLOY / "systemd" / name).read_text("utf-8")


def verified(folder: Path, *, spoil: str = "") -> subprocess.CompletedProcess[str]:
    """What systemd says of the units, with the commands of this clone in place of an installed one's."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: the units are not verified here")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(f"{HOME}/.venv/bin/python", sys.executable).replace(HOME, str(ROOT))
        name = unit.name.replace("@.", "@photos.")
        (folder / name).write_text(text.replace("NoNewPrivileges", spoil or "NoNewPrivileges"), "utf-8")
    command = [program, "verify", "--man=no", *map(str, sorted(folder.iterdir()))]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_accepts_every_unit(tmp_path):
    said = verified(tmp_path)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_misspelt_line_would_be_seen(tmp_path):
    assert "NoNewPrivilege'" in verified(tmp_path, spoil="NoNewPrivilege").stderr


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_a_service_is_nobodys_root_and_reads_its_settings_from_the_one_file(unit):
    lines = unit.read_text("utf-8").splitlines()
    wanted = {
        "User=hazards",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "UMask=0077",
    }
    assert wanted | {"EnvironmentFile=/etc/hazards/hazards.env"} <= set(lines)


@pytest.mark.parametrize("name", WORKERS)
def test_the_decoders_jail_may_still_be_built(name):
    lines = text_of(name).splitlines()
    assert {"RestrictNamespaces=user net", "SystemCallFilter=@system-service chroot"} <= set(lines)
    assert not any(line.startswith(("PrivateUsers=yes", "RootDirectory=", "PrivateNetwork=yes")) for line in lines)


def test_a_unit_that_migrates_before_it_starts_is_given_the_time():
    patient = {
        unit.name
        for unit in UNITS
        if re.search(r"^ExecStartPre=.* db upgrade$", unit.read_text("utf-8"), re.MULTILINE)
        and re.search(r"^TimeoutStartSec=\d+h$", unit.read_text("utf-8"), re.MULTILINE)
    }
    assert patient == {"hazards-web.service"}


def test_nobody_else_may_build_namespaces():
    for unit in UNITS:
        if unit.suffix == ".service" and unit.name not in WORKERS:
            assert "RestrictNamespaces=yes" in unit.read_text("utf-8")


def test_the_example_of_settings_can_be_used_as_it_is_and_names_only_settings():
    text = (DEPLOY / "hazards.env.example").read_text("utf-8")
    active = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert Settings.from_environment(active).trusted_proxies == 1
    offered = dict(re.findall(r"^#([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert set(active) | set(offered) <= set(DEFAULTS)
    everything = {name: value for name, value in {**active, **offered}.items() if value}
    assert Settings.from_environment(everything).is_accelerated


def test_a_night_with_losses_is_a_backup_all_the_same():
    assert f"SuccessExitStatus={SAVED_WITH_LOSSES}" in text_of("hazards-backup.service").splitlines()


def test_the_seven_newest_backups_stay_whatever_their_age_and_no_half_one(tmp_path):
    (command,) = re.findall(r"^ExecStartPost=/bin/sh -c '(.*)'$", text_of("hazards-backup.service"), re.MULTILINE)
    made = [f"hazards-202611{day:02}-023000.backup" for day in range(1, 11)]
    for name in (*made, "hazards-20261105-023000.backup.part", "move.backup"):
        (tmp_path / name).touch()
    for _ in range(2):
        subprocess.run(["/bin/sh", "-c", command.replace("/var/backups/hazards", str(tmp_path))], check=True)
        assert sorted(path.name for path in tmp_path.iterdir()) == [*made[3:], "move.backup"]


def test_the_alerts_speak_of_figures_that_exist(house):
    text = (DEPLOY / "alerts.yml").read_text("utf-8")
    asked = set(re.findall(r"\bhazards_[a-z_]+", "\n".join(re.findall(r"^\s+expr: (.*)$", text, re.MULTILINE))))
    house.api(None, "GET", "/no-such-call")
    # A worker's sign of life, so that its figures are there.
    house.work()
    told = house.app.test_client().get("/metrics").text
    shown = set(re.findall(r"^(hazards_[a-z_]+)", told, re.MULTILINE)) | {"hazards_worker_seen_seconds"}
    assert len(asked) >= 6
    assert asked <= shown
    assert len(re.findall(r"- alert:", text)) == 6
