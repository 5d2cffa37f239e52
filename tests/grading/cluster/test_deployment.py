"""The configuration files for clusters are what the code needs; they are tried as far as one machine goes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from .clusters import ROOT, STUB, children, cluster, until
from .test_command import grade

DEPLOY = ROOT / "deploy"

pytestmark = pytest.mark.slow


def manifests() -> dict[tuple[str, str], dict[str, Any]]:
    """Every Kubernetes object of the folder, by its file and kind."""
    return {
        (path.stem, document.get("kind", "")): document
        for path in sorted((DEPLOY / "kubernetes").glob("*.yml"))
        for document in YAML(typ="safe").load_all(path)
    }


def pod(file: str) -> dict[str, Any]:
    return manifests()[file, "Deployment"]["spec"]["template"]


def test_the_objects_select_each_other() -> None:
    found = manifests()
    service = found["scheduler", "Service"]
    labels = pod("scheduler")["metadata"]["labels"]

    assert service["spec"]["selector"].items() <= labels.items()
    for file in ("scheduler", "workers"):
        deployment = found[file, "Deployment"]["spec"]
        assert deployment["selector"]["matchLabels"].items() <= pod(file)["metadata"]["labels"].items()
    selector = found["network", "NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    assert all(
        selector.items() <= pod(file)["metadata"]["labels"].items() for file in ("scheduler", "workers")
    )
    (worker,) = pod("workers")["spec"]["containers"]
    port = service["spec"]["ports"][0]["port"]
    assert f"tcp://{service['metadata']['name']}:{port}" in worker["command"]


def test_a_worker_has_room_for_the_largest_submission_and_no_rights() -> None:
    from autograder.course import load_course

    (worker,) = pod("workers")["spec"]["containers"]
    gib = int(worker["resources"]["limits"]["memory"].removesuffix("Gi"))

    assert gib * 1024**3 >= load_course(ROOT / "course.yml").limits.memory + 1024**3
    assert worker["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert worker["command"][worker["command"].index("--nthreads") + 1] == "1"
    assert pod("workers")["spec"]["automountServiceAccountToken"] is False


def test_the_patch_for_full_changes_a_container_that_is_there() -> None:
    patch = manifests()["full", ""]["spec"]["template"]["spec"]
    (patched,), (worker,) = patch["containers"], pod("workers")["spec"]["containers"]

    assert patched["name"] == worker["name"]
    assert patch["hostUsers"] is False


def test_dask_knows_its_settings() -> None:
    """Dask ignores a setting whose name it does not know."""
    import dask
    import distributed  # noqa: F401 - it brings the defaults

    def known(settings: dict[str, Any], path: str = "") -> None:
        for name, value in settings.items():
            here = f"{path}.{name}".lstrip(".")
            dask.config.get(here)
            if isinstance(value, dict):
                known(value, here)

    for file in ("dask.yml", "tls.yml"):
        known(YAML(typ="safe").load(DEPLOY / file))


def test_a_cluster_with_certificates_lets_nobody_in_without(made_up_class, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    subprocess.run([DEPLOY / "certificates", tmp_path / "tls"], check=True, stdout=subprocess.DEVNULL)
    settings = tmp_path / "settings"
    settings.mkdir()
    shutil.copy(DEPLOY / "dask.yml", settings)
    text = (DEPLOY / "tls.yml").read_text().replace("/etc/beyond-sequential/tls", str(tmp_path / "tls"))
    (settings / "tls.yml").write_text(text)
    some = made_up_class({"a": ""})

    environment = {"DASK_CONFIG": str(settings)}
    with cluster(tmp_path / "cluster", 1, scheme="tls", environment=environment) as closed:
        inside = grade(some.folder, "--scheduler", closed.address, **environment)
        outside = grade(some.folder, "--scheduler", closed.address, DASK_CONFIG=str(tmp_path / "none"))

    assert inside.returncode == 0, inside.stderr
    assert outside.returncode == 2
    assert f"Dask cannot work with the scheduler at {closed.address}" in outside.stderr


@pytest.fixture
def network(tmp_path: Path):
    """Four machines on one network, as network namespaces; their names and addresses."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces take root and iproute2")
    mark = f"bs{os.getpid() % 100000}"
    names = [f"{mark}{role}" for role in ("s", "a", "b", "c")]

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        try:
            ip("netns", "add", names[0])
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
        ip("-n", names[0], "link", "add", "hub", "type", "bridge")
        ip("-n", names[0], "addr", "add", "10.77.0.1/24", "dev", "hub")
        ip("-n", names[0], "link", "set", "hub", "up")
        ip("-n", names[0], "link", "set", "lo", "up")
        for number, name in enumerate(names[1:], start=2):
            ip("netns", "add", name)
            ip(
                "-n",
                name,
                "link",
                "add",
                "eth0",
                "type",
                "veth",
                "peer",
                "name",
                f"to{number}",
                "netns",
                names[0],
            )
            ip("-n", names[0], "link", "set", f"to{number}", "master", "hub", "up")
            ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def test_machines_with_nothing_in_common_but_a_network(made_up_class, tmp_path: Path, network) -> None:
    """Workers of `deploy/ssh/workers` see no file of the class, and the client sees no worker."""
    hub, first, second, client = network
    some = made_up_class({f"student-{number}": "sleep 0.2" for number in range(6)})
    # What gets to the other machine; there, the class and its reports are not to be seen.
    away = tmp_path / "ssh"
    away.write_text(
        f'#!/bin/sh\nhost=$1; shift\nexec ip netns exec "$host" sh -c "'
        f"mount -t tmpfs none {some.folder} && STATE={tmp_path}/state-$host && export STATE && "
        '$*"\n'
    )
    # The worker's real preload would import TensorFlow.
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nfor word; do shift; [ "$word" = autograder.grading.cluster.plugin ] && word={STUB}; '
        f'set -- "$@" "$word"; done\nexec {sys.executable} "$@"\n'
    )
    for script in (away, python):
        script.chmod(0o755)
    hosts = tmp_path / "hosts"
    hosts.write_text(f"# two machines\n{first} 1\n\n{second} 2\n")
    environment = {
        **os.environ, "SSH": str(away), "COURSE": str(ROOT), "PYTHON": str(python),
        "PYTHONPATH": str(ROOT), "MADE_UP_ROOT": str(ROOT), "TMPDIR": str(tmp_path),
    }  # fmt: skip

    def workers(*words: str) -> None:
        subprocess.run([DEPLOY / "ssh" / "workers", *words], env=environment, check=True)

    with cluster(tmp_path / "cluster", host="10.77.0.1", inside=["ip", "netns", "exec", hub]) as wide:
        workers("start", wide.address, str(hosts))
        try:
            for number in (2, 3):
                subprocess.run(
                    ["ip", "-n", client, "route", "add", "blackhole", f"10.77.0.{number}/32"], check=True
                )
            done = grade(some.folder, "--scheduler", wide.address, inside=["ip", "netns", "exec", client])
        finally:
            loops = [int(path.read_text()) for path in tmp_path.glob("state-*/*.pid")]
            workers("stop", str(hosts))

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "class-out").glob("reports/*/*.json"))) == len(some.students)
    assert len(loops) == 3
    until(lambda: not [loop for loop in loops if os.path.exists(f"/proc/{loop}") and children(loop)])


def test_hosts_without_a_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("host1\n")

    done = subprocess.run(
        [DEPLOY / "ssh" / "workers", "start", "tcp://scheduler:8786", tmp_path / "hosts"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "says no number of workers" in done.stderr
