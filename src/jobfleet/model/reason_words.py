"""Why something did not start or run, in the language of whoever looks; it is kept in one language only."""

import re
from functools import cache

from jobfleet.model.messages import TEXTS
from jobfleet.model.problems import in_chinese
from jobfleet.model.sentences import Read, readable, retold

_KNOWN = readable(
    (
        ("the job before still runs", "上一次作业仍在执行"),
        ("{n} others wait already", "已有 {n} 次触发在等待"),
        ("no server was there", "当时没有可用的服务端"),
        ("no server was there, nor at moments after this", "当时没有可用的服务端，其后的时刻亦未触发"),
        ("the schedule was changed", "定时任务已被修改"),
        ("the schedule was paused", "定时任务已被暂停"),
        ("the business is archived", "业务已归档"),
        ("the host does not belong to the business", "主机不属于该业务"),
        ("no agent is installed on the host", "主机未安装 Agent"),
        ("files cannot be sent into containers", "文件不能分发到容器"),
    ),
    {"n": r"\d+"},
)
"""What the platform itself says, English and Chinese."""

_PLACE = re.compile(r"\{(\d)\}")


def reason_words(reason: str, words: str, code: int = 0) -> str:
    """Return a reason in a language, zh or en; as it is kept when nobody of ours wrote it.

    Args:
        code: Of the refusal whose text it is, in either language; 0 for none.
    """
    chinese = words == "zh"
    known = (*(_KNOWN if chinese else ()), *_refusals(code, words))
    return retold(known, reason, lambda _hole, told: in_chinese(told) if chinese else told) or reason


@cache
def _refusals(code: int, words: str) -> tuple[Read, ...]:
    """Return the texts of refusals with a code, from the other language into this one."""
    texts = [tuple(map(_holes, both)) for kind, both in TEXTS.items() if kind.code == code]
    return readable((english, chinese) if words == "zh" else (chinese, english) for chinese, english in texts)


def _holes(text: str) -> str:
    return _PLACE.sub(r"{a\1!}", text)
