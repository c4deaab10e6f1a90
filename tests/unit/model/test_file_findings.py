"""Files that get in one another's way, seen before they are sent."""

from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec, TransferMode
from jobfleet.model.file_findings import FileTrouble, findings, landings, sent_files
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target

NOW = 1_790_000_000_000


def host(host_id: int) -> Target:
    ip = f"10.0.0.{host_id}"
    return Target(-host_id, host_id, 0, "", ip, None, f"0:{ip}", "linux", True, TaskStatus.WAITING)


def spec(target: str, *sources: FileSource, mode: TransferMode = TransferMode.FORCE) -> FileSpec:
    return FileSpec(sources, target, "root", 1, "root", 60, mode=mode)


def from_hosts(path: str, *host_ids: int) -> FileSource:
    return FileSource(FileKind.HOST, (FileItem(path),), "root", 1, host_ids)


def test_several_sources_of_one_name_are_told() -> None:
    sent = list(sent_files(spec("/data/", from_hosts("/var/a.log", 1, 2)), [host(1), host(2)], NOW))
    [one] = findings(sent, {9})
    assert (one.trouble, one.path) == (FileTrouble.SAME_NAME, "/data/a.log")
    assert list(one.sources) == ["0:10.0.0.1:/var/a.log", "0:10.0.0.2:/var/a.log"]


def test_a_directory_for_each_source_keeps_them_apart() -> None:
    for chosen in (
        spec("/data/[FILESRCIP]/", from_hosts("/var/a.log", 1, 2)),
        spec("/data/", from_hosts("/var/a.log", 1, 2), mode=TransferMode.SAFE_BY_IP),
    ):
        sent = list(sent_files(chosen, [host(1), host(2)], NOW))
        assert findings(sent, {9}) == []
        assert [one.directory for one in landings(sent)] == ["/data/0_10.0.0.1/", "/data/0_10.0.0.2/"]


def test_a_file_that_would_be_written_over_itself_is_told() -> None:
    sent = list(sent_files(spec("/var", from_hosts("/var/a.log", 1)), [host(1)], NOW))
    assert [one.trouble for one in findings(sent, {1, 2})] == [FileTrouble.SAME_PLACE]
    assert findings(sent, {2}) == []
