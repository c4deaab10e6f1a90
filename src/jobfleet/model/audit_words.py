"""What a row of the audit trail says, in Chinese; the trail itself is written in English."""

import re
from collections.abc import Callable, Mapping

from jobfleet.model.sentences import readable, retold

_VERBS: Mapping[str, str] = {
    "create": "新建",
    "change": "修改",
    "update": "修改",
    "edit": "编辑",
    "delete": "删除",
    "move": "移动",
    "rename": "重命名",
    "publish": "上线",
    "enable": "启用",
    "disable": "停用",
    "pause": "暂停",
    "fire": "立即触发",
    "set": "设置",
    "reset": "重置",
    "test": "测试",
    "make": "新建",
    "keep": "保存",
    "forget": "删除",
    "add": "添加",
    "remove": "移除",
    "tag": "设置标签：",
    "debug": "调试",
    "terminate": "终止",
    "start": "启动",
    "retry_failed": "失败重试",
    "retry_all": "全部重试",
    "ignore_error": "忽略错误",
    "confirm": "确认继续",
    "reject": "终止流程",
    "restart_approval": "重新发起确认",
    "next_step": "进入下一步",
    "force_skip": "强制跳过",
    "continue_rolling": "继续滚动",
}
"""What somebody did."""

_WORDS: Mapping[str, str] = {
    "approved": "通过",
    "refused": "拒绝",
    "withdrawn": "撤回",
    "viewer": "查看者",
    "operator": "操作者",
    "editor": "编辑者",
    "admin": "管理员",
    "platform": "平台",
    "session": "浏览器会话",
    "session oidc": "身份提供方",
    "access": "密码",
    "personal": "个人令牌",
    "failed": "密码错误",
    "user": "用户",
    "address": "地址",
    "with": "含",
    "without": "不含",
    "plan": "执行方案",
    "template": "作业模板",
    "script": "脚本",
    "host": "主机",
    "schedule": "定时任务",
    "language": "语言",
    "time_zone": "时区",
    "theme": "主题",
    "zh": "中文",
    "en": "英文",
    "light": "浅色",
    "dark": "深色",
    "system": "跟随系统",
    "of the browser": "跟随浏览器",
    "nothing": "无变化",
    "none": "无",
}
"""Words of ours that a sentence may hold."""

_SENTENCES: tuple[tuple[str, str], ...] = (
    ("start job {job}, approved by {who}", "启动作业 {job}，由 {who} 审批"),
    ("redo job {job}, approved by {who}", "重做作业 {job}，由 {who} 审批"),
    ("redo job {job}", "重做作业 {job}"),
    ("{does!} job {job}", "{does!}作业 {job}"),
    (
        "{does!} step {step} of job {job}, chosen hosts: {n}: {why}",
        "对作业 {job} 的步骤 {step} {does!}，所选主机 {n} 台：{why}",
    ),
    ("{does!} step {step} of job {job}, chosen hosts: {n}", "对作业 {job} 的步骤 {step} {does!}，所选主机 {n} 台"),
    ("{does!} step {step} of job {job}: {why}", "对作业 {job} 的步骤 {step} {does!}：{why}"),
    ("{does!} step {step} of job {job}", "对作业 {job} 的步骤 {step} {does!}"),
    ("ask for approval {id}: {why}", "申请审批 {id}：{why}"),
    ("{state!} start request {id} of {who}: job {job}: {why}", "{state!} {who} 的审批申请 {id}，作业 {job}：{why}"),
    ("{state!} start request {id} of {who}: job {job}", "{state!} {who} 的审批申请 {id}，作业 {job}"),
    ("{state!} start request {id} of {who}: {why}", "{state!} {who} 的审批申请 {id}：{why}"),
    ("{state!} start request {id} of {who}", "{state!} {who} 的审批申请 {id}"),
    ("{permission}: lacks {actions!}", "因缺少权限被拒绝：{actions!}"),
    ("set the password of user {name}", "设置用户 {name} 的密码"),
    ("change the own password", "修改自己的密码"),
    ("end the sessions of user {name}", "结束用户 {name} 的会话"),
    ("{does!} user {name}", "{does!}用户 {name}"),
    ("unlock {kind!} {name}", "解除{kind!} {name} 的登录限制"),
    ("link {name} to {subject} of {issuer}", "将 {name} 关联到 {issuer} 的 {subject}"),
    ("unlink {name}", "解除 {name} 与身份提供方的关联"),
    ("roles by groups: {roles}", "按用户组授予角色：{roles}"),
    ("grant {role!} in {place!} to user {name}", "在 {place!} 授予用户 {name} {role!}角色"),
    ("revoke {role!} in {place!} of user {name}", "收回用户 {name} 在 {place!} 的{role!}角色"),
    ("make token {id} {name}", "新建令牌 {id} {name}"),
    ("revoke token {id} {name} of {who}", "吊销 {who} 的令牌 {id} {name}"),
    ("rotate the secret of app {code}", "更换应用 {code} 的密钥"),
    ("{does!} app {code}", "{does!}应用 {code}"),
    ("sign-in: {kind!} {name} has to wait", "登录：{kind!} {name} 需要等待"),
    ("sign-in: {how!} from {source}", "登录：{how!}，来自 {source}"),
    ("sign-in: {how!}", "登录：{how!}"),
    ("sign-out everywhere", "退出所有登录"),
    ("sign-out", "退出登录"),
    ("account {id} {alias}: {fields!}", "账号 {id} {alias}：{fields!}"),
    ("account {id} {alias}", "账号 {id} {alias}"),
    ("{does!} white list record {id}: {n} hosts", "{does!}白名单记录 {id}：{n} 台主机"),
    ("enrol the agents of hosts {ids}", "接入主机 {ids} 的 Agent"),
    ("enrol the agent of host {id}", "接入主机 {id} 的 Agent"),
    ("revoke the agent of host {id}", "吊销主机 {id} 的 Agent"),
    ("enrolment token that replaces agents", "新建可替换已有 Agent 的接入令牌"),
    ("enrolment token", "新建接入令牌"),
    ("add version {version} to script {id} ({name})", "为脚本 {id}（{name}）新增版本 {version}"),
    ("{does!} version {version} of script {id} ({name})", "{does!}脚本 {id}（{name}）的版本 {version}"),
    ("{does!} script {id} ({name})", "{does!}脚本 {id}（{name}）"),
    ("{does!} tag {id} ({name})", "{does!}标签 {id}（{name}）"),
    (
        "tag {scripts} scripts and {templates} templates: add {more}, remove {less}",
        "为 {scripts} 个脚本和 {templates} 个作业模板设置标签：添加 {more}，移除 {less}",
    ),
    ("{does!} template {name}", "{does!}作业模板 {name}"),
    ("{does!} plan {name}", "{does!}执行方案 {name}"),
    ("{does!} schedule {name}", "{does!}定时任务 {name}"),
    ("export templates {names} {how!} secrets", "导出作业模板 {names}，{how!}密文"),
    ("{does!} credential {id}: {fields}", "{does!}凭证 {id}：{fields}"),
    ("{does!} credential {id}", "{does!}凭证 {id}"),
    ("try out file source {code}", "测试文件源 {code}"),
    ("{does!} file source {code}: {fields}", "{does!}文件源 {code}：{fields}"),
    ("{does!} file source {code}", "{does!}文件源 {code}"),
    ("{does!} dangerous rule {id}", "{does!}高危语句规则 {id}"),
    ("{does!} notification hook {name}", "{does!}通知地址 {name}"),
    ("{does!} own notification policies", "{does!}自己的通知策略"),
    ("{does!} notification policies", "{does!}通知策略"),
    ("mute {n} users", "屏蔽 {n} 个用户的通知"),
    ("make {n} addresses for uploads", "新建 {n} 个上传地址"),
    ("make a new password key", "更换密码加密密钥"),
    ("apply declared state: {n} changes", "应用声明的状态：{n} 处变更"),
    ("{does!} view {name} of {page}", "{does!}页面 {page} 的视图 {name}"),
    ("{does!} favourite {kind!} {id}", "{does!}收藏：{kind!} {id}"),
    ("{does!} draft {id}", "{does!}草稿 {id}"),
    ("{does!} {setting}", "{does!}平台设置 {setting}"),
)
"""English and Chinese, the first that fits counts; see `sentences.readable`."""

_SHAPES = {"does": "|".join(_VERBS), "setting": "[a-z_]+", "n": r"\d+", "job": r"\d+", "step": r"\d+"}
_KNOWN = readable(_SENTENCES, _SHAPES)
_CHOICE = re.compile(r"choose (language|time_zone|theme) (.+?)(?:, (?=choose )|$)")


def in_chinese(subject: str, action_name: Callable[[str], str]) -> str:
    """Return what the subject of a row says in Chinese; the subject itself when servers write none like it.

    Args:
        action_name: Gives the Chinese name of an action by its id.
    """
    if choices := _CHOICE.findall(subject):
        return "，".join(f"选择{_WORDS[what]}：{_WORDS.get(value, value)}" for what, value in choices)

    def word(hole: str, told: str) -> str:
        if hole == "actions":
            return "、".join(action_name(one) for one in told.split(", "))
        return _VERBS.get(told) or _WORDS.get(told, told)

    return retold(_KNOWN, subject, word) or subject
