"""What rows of the audit trail say in Chinese."""

import pytest

from jobfleet.model.audit_words import in_chinese

NAMES = {"manage_cron": "定时任务管理", "use_account": "账号使用"}


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("start job 17", "启动作业 17"),
        ("terminate job 17", "终止作业 17"),
        ("redo job 17, approved by li", "重做作业 17，由 li 审批"),
        ("retry_failed step 5 of job 17, chosen hosts: 3", "对作业 17 的步骤 5 失败重试，所选主机 3 台"),
        ("reject step 5 of job 17: too late: tomorrow", "对作业 17 的步骤 5 终止流程：too late: tomorrow"),
        ("grant operator in biz:2 to user li", "在 biz:2 授予用户 li 操作者角色"),
        ("manage_cron: lacks manage_cron, use_account", "因缺少权限被拒绝：定时任务管理、账号使用"),
        ("sign-in: session from 10.0.0.1", "登录：浏览器会话，来自 10.0.0.1"),
        ("pause schedule nightly of plan x", "暂停定时任务 nightly of plan x"),
        ("add version 3 to script abc (x (y))", "为脚本 abc（x (y)）新增版本 3"),
        ("account 5 root: password, alias", "账号 5 root：password, alias"),
        ("reset default_timeout_s", "重置平台设置 default_timeout_s"),
        ("choose language zh, choose time_zone of the browser", "选择语言：中文，选择时区：跟随浏览器"),
        ("what no server writes", "what no server writes"),
    ],
)
def test_a_subject_is_told_in_chinese_with_names_as_they_are(subject: str, words: str) -> None:
    assert in_chinese(subject, lambda action: NAMES.get(action, action)) == words
