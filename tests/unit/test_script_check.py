"""What is found in scripts before anybody runs them."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.engine.patterns import checker_of, line_rules, rule_finds
from jobfleet.model.danger import DAMAGING, DANGEROUS
from jobfleet.model.dangerous import DangerousRule, RuleAction, searched_lines
from jobfleet.model.script_check import (
    MAX_FINDINGS,
    MAX_PART_CHARACTERS,
    NO_SHEBANG,
    ODD_SHEBANG,
    UNCHECKED_CD,
    Finding,
    Level,
    findings_in,
    grammar_findings,
    hints,
    in_order,
)

RULES = {"dangerous": line_rules(Level.ERROR, DANGEROUS), "damaging": line_rules(Level.ERROR, DAMAGING)}


def never() -> bool:
    return False


def found(kind: str, script: str, is_over: Callable[[], bool] = never) -> list[Finding]:
    return list(findings_in(RULES[kind], searched_lines(1, script.encode()), is_over))


def hinted(script: str) -> list[Finding]:
    return list(hints(script, searched_lines(1, script.encode()), never))


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf /",
        "rm -fr /",
        "rm -r -f /etc",
        "rm -f -R /usr/",
        "rm --recursive --force /var",
        "rm -rf --no-preserve-root /",
        "sudo rm -rf /*",
        "if x; then rm -rf /home; fi",
        "cd /tmp && rm -rf /lib64/*",
        'rm -rf "/opt"',
        "rm -rf /tmp/x /boot",
        "echo $(rm -rf /root)",
        "`rm -rf /srv`",
        "rm -rf $DIR/*",
        'rm -rf "${DIR}/"',
        'rm -rf "$DIR"/*',
        "find / -name core -delete",
        "find /etc -type f -exec rm {} +",
        "chmod -R 777 /",
        "chown -R web:web /etc",
        "chgrp --recursive web /usr",
        "mv /etc /backup",
        "mv -f /* /backup",
        ":(){ :|:& };:",
        ":() { : | : & } ; :",
        "kill -9 -1",
        "kill -s KILL -1",
        "killall5",
        "shutdown -h now",
        "reboot",
        "sleep 5; init 6",
        "systemctl poweroff",
        "curl -s https://example.com/x.sh | bash",
        "wget -qO- example.com/x | sudo sh -s x",
        "iptables -F",
        "iptables -t nat --flush",
        "nft flush ruleset",
        "crontab -r",
        "crontab -u web -r",
        "userdel -r root",
    ],
)
def test_a_dangerous_line_is_found(line: str) -> None:
    first = found("dangerous", f"#!/bin/sh\n{line}\n")[0]
    assert (first.line, first.text, first.level) == (2, line, 2)


@pytest.mark.parametrize(
    "line",
    [
        "# rm -rf /",
        "rm -rf /tmp/build",
        "rm -rf /var/log/app",
        "rm -rf ./etc",
        "rm -rf etc",
        "rm -rf $DIR/build",
        "rm -f /etc/app.conf",
        "rm /usr/local/bin/app",
        "farm -rf /",
        "rmdir /opt/app",
        "echo rmx -rf /",
        "find /tmp -name core -delete",
        "find . -delete",
        "find / -name core",
        "chmod -R 755 /opt/app",
        "chmod 755 /etc",
        "chown web /var",
        "mv /etc/app.conf /etc/app.old",
        "kill -9 1234",
        "kill -1 1234",
        "kill -HUP $(cat /run/app.pid)",
        "echo shutdownx",
        "systemctl reload nginx",
        "curl -o x.sh https://example.com/x.sh",
        "curl -s https://example.com | grep sh",
        "iptables -A INPUT -j DROP",
        "crontab -l",
        "userdel web",
        "prebooted=1",
    ],
)
def test_a_harmless_line_is_not_found_dangerous(line: str) -> None:
    assert found("dangerous", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "echo x > /dev/sda",
        "cat image >/dev/nvme0n1",
        "dd if=/dev/zero of=/dev/sdb bs=1M",
        'dd of="/dev/vda1" if=x',
        "cp image /dev/xvda",
        "echo x | tee /dev/mapper/root",
        "mkfs.ext4 -F /dev/sdb1",
        "mkfs -t xfs /dev/vdb",
        "wipefs -a /dev/sda",
        "shred -n 3 /dev/sda",
        "parted -s /dev/sda mklabel gpt",
        "echo root::0:0::/: > /etc/passwd",
        "> /etc/fstab",
        "echo x >/boot/grub.cfg",
        "echo b > /proc/sysrq-trigger",
        "mv /data /dev/null",
        "echo x > /dev/mem",
    ],
)
def test_a_damaging_line_is_found(line: str) -> None:
    assert [(one.line, one.level) for one in found("damaging", line)][:1] == [(1, 2)]


@pytest.mark.parametrize(
    "line",
    [
        "echo x > /dev/null",
        "x >/dev/null 2>&1",
        "echo x >> /etc/hosts",
        "cat /etc/passwd > users",
        "echo x > /etc/passwd.new",
        "dd if=/dev/sda of=backup",
        "cp /dev/null log",
        "mkfs.ext4 disk.img",
        "cat < /dev/sda",
        "echo x > /dev/shm/x",
        "mv /dev/shm/x .",
        "fdisk -l",
        "# > /dev/sda",
    ],
)
def test_a_harmless_line_is_not_found_damaging(line: str) -> None:
    assert found("damaging", line) == []


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/bin/bash -e", "#!/usr/bin/env bash", "#! /usr/local/bin/zsh"])
def test_a_common_first_line_is_fine(first: str) -> None:
    assert hinted(f"{first}\ntrue\n") == []


@pytest.mark.parametrize("first", ["#!/bin/bsh", "#!bash", "#!/usr/bin/python3", "#!/bin/sh\r", "#!"])
def test_an_odd_first_line_is_told(first: str) -> None:
    assert [(one.line, one.level, one.words) for one in hinted(f"{first}\ntrue")] == [(1, 1, ODD_SHEBANG)]


def test_a_missing_first_line_is_told() -> None:
    assert [(one.line, one.text, one.words) for one in hinted("true")] == [(1, "true", NO_SHEBANG)]


@pytest.mark.parametrize(
    "line", ["cd /data", "  cd $HOME/x # go", "cd /data; rm *", "if x; then cd /data; fi", "(cd /d)"]
)
def test_a_cd_without_a_check_is_told(line: str) -> None:
    assert [(one.line, one.words) for one in hinted(f"#!/bin/sh\n{line}")] == [(2, UNCHECKED_CD)]


@pytest.mark.parametrize(
    "script",
    [
        "cd /data || exit 1",
        "cd /data && rm *",
        "if cd /data; then rm *; fi",
        "set -e\ncd /data",
        "set -o errexit\ncd /data",
        "cd",
        "abcd /data",
        "echo cd /data",
        "# cd /data",
    ],
)
def test_a_cd_with_a_check_is_fine(script: str) -> None:
    assert hinted(f"#!/bin/sh\n{script}") == []


def test_what_bash_says_is_told_by_line() -> None:
    lines = ["if true", "fi"]
    told = "/dev/stdin: line 2: syntax error near unexpected token `fi'\n/dev/stdin: line 2: `fi'\nother\n"
    [one] = grammar_findings(told, lines)
    assert (one.line, one.text, one.level) == (2, "fi", Level.ERROR)
    assert one.words.en == "Grammar: syntax error near unexpected token `fi'"
    [after] = grammar_findings("/dev/stdin: line 3: syntax error: unexpected end of file", lines)
    assert (after.line, after.text) == (2, "fi")


def rule(
    number: int, expression: str, action: RuleAction, description: str = "", *, enabled: bool = True
) -> DangerousRule:
    return DangerousRule(number, expression, (1, 4), description, action, enabled, number, "", 0, "", 0)


def test_enabled_rules_of_both_actions_are_fatal_and_comments_are_skipped() -> None:
    rules = [
        rule(1, "dro+p", RuleAction.SCAN, "drops"),
        rule(2, "table$", RuleAction.INTERCEPT),
        rule(3, "x", RuleAction.INTERCEPT, enabled=False),
    ]
    lines = searched_lines(4, b"# drop table\nx\ndroop table\n")
    told = [
        (one.line, one.match, one.level, one.words.en)
        for one in findings_in(rule_finds(checker_of(rules, 4)), lines, never)
    ]
    assert told == [(3, "droop", Level.FATAL, "drops"), (3, "table", Level.FATAL, "table$")]
    assert list(findings_in(rule_finds(checker_of(rules, 6)), searched_lines(6, b"drop table"), never)) == []


def test_a_checker_tells_so_much_and_of_a_line_so_much_only() -> None:
    long = "reboot " + "x" * MAX_PART_CHARACTERS
    assert len(found("dangerous", f"{long}\n" * MAX_FINDINGS)) == MAX_FINDINGS
    several = found("dangerous", f"{long}\n" * (MAX_FINDINGS + 1))
    assert len(several) == MAX_FINDINGS
    assert len(several[0].text) == MAX_PART_CHARACTERS


def test_a_checker_whose_time_is_over_tells_what_it_has_found() -> None:
    looks = itertools.count()
    assert [one.line for one in found("dangerous", "reboot\n" * 9, lambda: next(looks) >= 3)] == [1, 2, 3]


@given(st.text(max_size=200), st.sampled_from(sorted(RULES)))
def test_any_text_can_be_checked_and_findings_name_its_lines(script: str, kind: str) -> None:
    lines = script.encode("utf-8", "replace").decode().split("\n")
    for one in [*found(kind, script.encode("utf-8", "replace").decode()), *hinted(script)]:
        assert 1 <= one.line <= len(lines)
        assert one.match in one.text or not one.match


def test_findings_come_by_line_and_the_worst_first() -> None:
    several = [*found("dangerous", "true\nreboot"), *hinted("true\ncd x")]
    assert [(one.line, one.level) for one in in_order(several)] == [(1, 1), (2, 2), (2, 1)]
