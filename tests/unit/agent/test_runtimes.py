"""What container runtimes are told and what they answer, of all four."""

import msgspec
import pytest

from jobfleet.agent.container_watch import MAX_TOLD_BYTES, within_limits
from jobfleet.agent.runtimes import described, exec_command, kept_labels, list_command, listed
from jobfleet.model.container import MAX_CONTAINERS, MAX_LABEL_CHARS, MAX_LABELS, FoundContainer, Runtime

POD_LABELS = {"io.kubernetes.pod.name": "web-1", "io.kubernetes.pod.namespace": "prod"}


def docker(uid: str, name: str, labels: dict[str, str] | None, *, running: bool = True) -> dict[str, object]:
    return {"Id": uid, "Name": name, "State": {"Running": running}, "Config": {"Labels": labels}}


@pytest.mark.parametrize("runtime", ["docker", "podman", "nerdctl"])
def test_running_containers_are_described_with_the_labels_of_their_pods(runtime: Runtime) -> None:
    inner = POD_LABELS | {"io.kubernetes.container.name": "app", "io.kubernetes.sandbox.id": "aa"}
    told = [
        docker("aa", "/k8s_POD", {"io.kubernetes.docker.type": "podsandbox", "tier": "front"}),
        docker("bb", "/k8s_app", inner),
        docker("cc", "plain", None),
        docker("dd", "/over", {}, running=False),
    ]
    found = described(runtime, b"", msgspec.json.encode(told))
    assert [(one.uid, one.runtime, one.name) for one in found] == [("bb", runtime, "app"), ("cc", runtime, "plain")]
    assert found[0].labels["tier"] == "front"


def test_crictl_tells_of_containers_and_pods() -> None:
    own = {"io.kubernetes.container.name": "app"}
    one = {"id": "bb", "podSandboxId": "aa", "metadata": {"name": "app"}, "labels": own, "state": "CONTAINER_RUNNING"}
    listing = msgspec.json.encode({"containers": [one, one | {"id": "ee", "state": "CONTAINER_EXITED"}]})
    pods = msgspec.json.encode({"items": [{"id": "aa", "labels": POD_LABELS | {"tier": "front"}}]})
    [found] = described("crictl", listing, pods)
    assert (found.uid, found.name, found.labels) == ("bb", "app", POD_LABELS | own | {"tier": "front"})
    assert listed("crictl", listing) == ["bb", "ee"]
    assert list_command("crictl") == ["crictl", "ps", "-o", "json"]


@pytest.mark.parametrize("answer", [b"[{}]", b'{"a": 1}', b"no json", b'[{"Id": 1}]', b"[1]"])
def test_an_answer_that_makes_no_sense_is_none(answer: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever json or we say of it
        described("docker", b"", answer)


def test_lines_that_are_no_ids_are_not_taken() -> None:
    assert listed("docker", b"abc\n--help\n\n../x\n") == ["abc"]


@pytest.mark.parametrize(
    ("account", "uid"), [("-u", "abc"), ("root:0", "abc"), ("", "abc"), ("root", "-it"), ("root", "a b")]
)
def test_nothing_that_could_be_an_option_gets_into_a_command(account: str, uid: str) -> None:
    with pytest.raises(ValueError, match="no account of a container"):
        exec_command("docker", uid, account, ["true"], with_stdin=False)


def test_the_account_is_named_where_the_runtime_can() -> None:
    assert exec_command("podman", "abc", "app", ["id"], with_stdin=True) == [
        *("podman", "exec", "-i", "--user=app", "--", "abc", "id")
    ]
    assert exec_command("crictl", "abc", "app", ["id"], with_stdin=False) == ["crictl", "exec", "--", "abc", "id"]


def test_labels_are_kept_within_their_limits_those_of_the_place_first() -> None:
    many = {f"a{number:03}": "x" for number in range(MAX_LABELS + 5)} | POD_LABELS
    kept = kept_labels(many | {"long": "x" * (MAX_LABEL_CHARS + 1), "nul": "\0"})
    assert len(kept) == MAX_LABELS
    assert kept.keys() >= POD_LABELS.keys()
    assert kept_labels({"full": "x" * MAX_LABEL_CHARS}) == {"full": "x" * MAX_LABEL_CHARS}


def test_a_message_tells_of_as_many_containers_as_fit() -> None:
    small = [FoundContainer(f"c{number}", "docker", "x") for number in range(MAX_CONTAINERS + 1)]
    assert within_limits(small[:-1]) == small[:-1]
    assert len(within_limits(small)) == MAX_CONTAINERS
    large = [FoundContainer(f"c{n}", "docker", "x", {f"{i}": "y" * 250 for i in range(MAX_LABELS)}) for n in range(60)]
    told = within_limits(large)
    assert 0 < len(told) < len(large)
    assert len(msgspec.msgpack.encode(told)) <= MAX_TOLD_BYTES + 100
