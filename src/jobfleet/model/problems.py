"""What is wrong with a value of a request, in Chinese; the refusals themselves tell it in English."""

import re
from collections.abc import Mapping

from jobfleet.model.problem_sentences import SENTENCES
from jobfleet.model.sentences import readable, retold

PROBLEMS: Mapping[str, str] = {
    "is missing": "缺失",
    "is missing or empty": "缺失或为空",
    "is missing; a Windows account needs one": "缺失，Windows 账号必须提供密码",
    "is missing or below 1": "缺失或小于 1",
    "is empty": "为空",
    "is no valid value": "取值不合法",
    "is not an IPv4 address": "不是合法的 IPv4 地址",
    "is no IP address": "不是合法的 IP 地址",
    "is not an IP address": "不是合法的 IP 地址",
    "is not valid Base64": "不是合法的 Base64",
    "is not UTF-8 text": "不是 UTF-8 文本",
    "holds characters that no text may hold": "包含非法字符",
    "is not an http or https address without user name": "不是合法的 http 或 https 地址",
    "does not end in .exe": "必须以 .exe 结尾",
    "is not JSON": "不是合法的 JSON",
    "is not a JSON object": "不是 JSON 对象",
    "is nested too deeply": "嵌套过深",
    "holds a key twice": "包含重复的键",
    "is no finite number": "不是有限数值",
    "is too large": "过大",
    "is cut off": "不完整",
    "is not on the white list": "不在白名单内",
    "does not open with a key of this installation": "无法用本系统的密钥解密",
    "names a host by neither id nor address": "未指定主机ID或云区域ID与IP",
    "names no host": "未指定主机",
    "has an empty entry": "包含空的元素",
    "is neither 1 nor 2": "必须为 1 或 2",
    "is no day such as 2026-11-22": "不是合法的日期，例如 2026-11-22",
    "is switched off": "已被停用",
    "is SQL, which runs on databases": "为 SQL，只能在数据库上执行",
    "is not SQL": "不是 SQL",
    "is none of the step's": "不是该步骤的执行次数",
    "has no part in the step": "未参与该步骤",
    "has one that is no step of the template": "包含不属于作业模板的步骤",
    "is SQL for a script step, or no SQL for an SQL step": "与步骤类型不符：脚本步骤不能使用 SQL，SQL 步骤只能使用 SQL",
    "is none of the template's, or there twice": "不属于该作业模板，或重复",
    "is not 1 to 32 letters, digits and underscores, a letter first": "必须为 1 到 32 个字母、数字或下划线，以字母开头",
    "holds no access key and secret key": "不包含 Access Key 与 Secret Key",
    "has an entry without a name, or two of one name": "包含没有名称或名称重复的元素",
    "goes with a retry of failed hosts only": "仅可用于失败重试",
    "a script rolls by targets": "脚本只能按执行目标滚动",
    "a variable has neither id nor name": "变量未指定ID或名称",
    "execute_target names both hosts and containers": "execute_target 不能同时指定主机与容器",
    "needs five fields: minute hour day month weekday": "必须包含五个字段：分 时 日 月 周",
    "names no day that ever comes": "不存在可以执行的日期",
    "Bad minute": "分钟字段不合法",
    "Bad hour": "小时字段不合法",
    "Bad day-of-month": "日期字段不合法",
    "Bad month": "月份字段不合法",
    "Bad day-of-week": "星期字段不合法",
    "is no IANA time zone such as Asia/Shanghai": "不是合法的 IANA 时区，例如 Asia/Shanghai",
}
"""What is wrong with a value, English to Chinese; problems that are not listed are told in English."""

_KINDS: Mapping[str, str] = {
    "int": "整数",
    "float": "数值",
    "str": "字符串",
    "bool": "布尔值",
    "array": "数组",
    "object": "对象",
    "null": "空值",
}
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"is larger than (\d+) bytes", r"不能超过 \1 字节"),
        (r"is not 1 to (\d+) letters, digits and (\S+)", r"必须为 1 到 \1 个字母、数字或 \2"),
        (r"gives something more than (\d+) tags", r"会使标签数超过 \1 个"),
        (r"(.+) is no upload that is there", r"上传的文件 \1 不存在"),
        (r"is longer than (\d+) characters", r"长度不能超过 \1 个字符"),
        (r"is not 1 to (\d+) printable characters", r"必须为 1 到 \1 个可打印字符"),
        (r"is not 1 to (\d+) characters without (.+)", r"必须为 1 到 \1 个字符，且不含 \2"),
        (r"(\S+) is no step of the template", r"\1 不是作业模板的步骤"),
        (r"(\S+) is no variable of the template", r"\1 不是作业模板的变量"),
        (r"is the one that the file source (.+) needs", r"文件源 \1 正在使用该凭证，不能修改类型"),
        (r"(\d+) is no task of the step's latest attempt", r"\1 不是该步骤最近一次执行的任务"),
        (
            r"(\d+) is a source of files, and those offer again by themselves",
            r"\1 是源文件主机，重试时会自动重新提供文件",
        ),
        (r"(\d+) has succeeded", r"\1 已执行成功"),
        (r"(\d+) has no agent that could run it", r"\1 没有可用的 Agent，无法执行"),
        (
            r"(\d+) is of batch (\d+), and only hosts of batch (\d+), where the step is, can run again",
            r"\1 属于第 \2 批，仅步骤当前所在的第 \3 批可以重试",
        ),
        (r"is above (\d+) seconds", r"不能大于 \1 秒"),
        (r"is above (\d+)", r"不能大于 \1"),
        (r"has more than (\d+) entries", r"不能超过 \1 个元素"),
        (r"more than (\d+) parallel batches", r"并行批次不能超过 \1 个"),
        (r"asks for more than (\d+) bytes of contents", r"请求的内容超过 \1 字节"),
        (r"'(.*)' is no (\w+) account name", r"“\1”不是合法的 \2 账号名"),
        (r"Expected (?:int|float) (>=|<=|>|<) (\S+)", r"必须 \1 \2"),
        (r"Expected str of length (>=|<=) (\d+)", r"长度必须 \1 \2 个字符"),
        (r"Expected (?:array|object) of length (>=|<=) (\d+)", r"元素个数必须 \1 \2"),
    )
)
_SENTENCES = readable(SENTENCES, dict.fromkeys(("n", "least", "most", "id"), r"\d+"))
_EXPECTED = re.compile(r"Expected ([a-z]+), got ([a-z]+)")


def in_chinese(problem: str) -> str:
    """Return what is wrong with a value in Chinese; in English what we have no words for."""
    if exact := PROBLEMS.get(problem):
        return exact
    if (kinds := _EXPECTED.fullmatch(problem)) and kinds[1] in _KINDS and kinds[2] in _KINDS:
        return f"应为{_KINDS[kinds[1]]}，实际为{_KINDS[kinds[2]]}"
    found = (pattern.fullmatch(problem) and pattern.sub(chinese, problem) for pattern, chinese in _PATTERNS)
    if told := next((told for told in found if told), None):
        return told
    return retold(_SENTENCES, problem, lambda _hole, inner: in_chinese(inner)) or problem
