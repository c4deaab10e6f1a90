"""Commands that damage a host: what `check_script` looks for in shell scripts by itself."""

from jobfleet.model.script_check import Pattern, Words

_AT = r"(?:^|[\s;&|({`])"
"""Where a command may begin."""

_SYSTEM = r"(?:bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var)"
_ROOT = rf"""["']?/(?:\*|{_SYSTEM}(?:/?|/\*))?["']?(?:[\s;&|)`]|$)"""
"""The root directory, a directory of the system in it, or all that is in either."""

_REST = r"(?:[^;&|]*\s)?"
_RECURSIVE = r"(?:\s+-\S+)*\s+(?:-[A-Za-z]*[rR][A-Za-z]*|--recursive)\s+"
_DISK = r"/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|mapper/|disk/)[\w/.-]*"

DANGEROUS: tuple[Pattern, ...] = (
    Pattern(_AT + "rm" + _RECURSIVE + _REST + _ROOT, Words("递归删除系统目录", "Removes a directory of the system")),
    Pattern(
        _AT + "rm" + _RECURSIVE + _REST + r"""["']?\$\{?\w+\}?["']?/(?:\*|["']|[\s;&|)]|$)""",
        Words("变量为空时会递归删除根目录", "Removes the root directory when the variable is empty"),
    ),
    Pattern(
        _AT + r"find\s+" + _ROOT + r"[^;|]*-(?:delete|exec(?:dir)?\s+rm)\b",
        Words("在系统目录中查找并删除", "Finds and removes files of the system"),
    ),
    Pattern(
        _AT + r"(?:chmod|chown|chgrp)" + _RECURSIVE + _REST + _ROOT,
        Words("递归修改系统目录的权限或属主", "Changes rights or owners of a whole directory of the system"),
    ),
    Pattern(
        _AT + r"mv\s+" + _REST + _ROOT + r"[^;|&]*\S",
        Words("移动系统目录", "Moves a directory of the system"),
    ),
    Pattern(r":\s*\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;?\s*:", Words("fork 炸弹", "Starts processes without end")),
    Pattern(
        _AT + r"(?:kill\s+(?:-\S+\s+)(?:[A-Z0-9]+\s+)?-1|killall5)(?:[\s;&|)]|$)",
        Words("终止所有进程", "Kills every process"),
    ),
    Pattern(
        _AT + r"(?:shutdown|reboot|poweroff|halt|init\s+[06]|systemctl\s+(?:reboot|poweroff|halt))(?:[\s;&|)]|$)",
        Words("关闭或重启主机", "Stops or restarts the host"),
    ),
    Pattern(
        _AT + r"(?:curl|wget)\s[^|;]*\|\s*(?:sudo\s+)?(?:ba|da|k|z)?sh(?:[\s;&|)]|$)",
        Words("直接执行从网络下载的内容", "Runs what it downloads unseen"),
    ),
    Pattern(
        _AT + r"(?:ip6?tables\s+(?:-t\s+\w+\s+)?(?:-F|--flush)|nft\s+flush\s+ruleset)(?:[\s;&|)]|$)",
        Words("清空防火墙规则", "Removes the rules of the firewall"),
    ),
    Pattern(_AT + r"crontab\s+(?:-u\s+\S+\s+)?-r(?:[\s;&|)]|$)", Words("清空定时任务", "Removes a whole crontab")),
    Pattern(_AT + r"userdel\s+(?:-\S+\s+)*root(?:[\s;&|)]|$)", Words("删除 root 用户", "Removes the user root")),
)
"""Removal of what the system needs, and the like."""

DAMAGING: tuple[Pattern, ...] = (
    Pattern(r">\s*" + _DISK, Words("重定向写入块设备", "Writes over a disk")),
    Pattern(_AT + r"dd\s+(?:[^;|&]*\s)?of=[\"']?" + _DISK, Words("dd 写入块设备", "Writes over a disk")),
    Pattern(_AT + r"(?:cp|mv|tee)\s+(?:[^;|&]*\s)?" + _DISK, Words("写入块设备", "Writes over a disk")),
    Pattern(
        _AT + r"(?:mkfs(?:\.\w+)?|mke2fs|mkswap|wipefs|shred|blkdiscard)\s+(?:[^;|&]*\s)?" + _DISK,
        Words("格式化或擦除块设备", "Formats or wipes a disk"),
    ),
    Pattern(
        _AT + r"(?:parted|sfdisk|fdisk|sgdisk)\s+(?:[^;|&]*\s)?" + _DISK,
        Words("修改磁盘分区", "Changes the partitions of a disk"),
    ),
    Pattern(
        r"(?:^|[^>])>\s*/(?:etc/(?:passwd|shadow|group|gshadow|fstab|sudoers|hosts|resolv\.conf)|boot/\S+)(?:[\s;&|)]|$)",
        Words("覆盖系统关键文件", "Writes over a file that the system needs"),
    ),
    Pattern(r">\s*/proc/sysrq-trigger", Words("触发内核 sysrq", "Has the kernel stop the host")),
    Pattern(_AT + r"mv\s+[^;|&]*\s/dev/null(?:[\s;&|)]|$)", Words("移动到 /dev/null", "Moves files to nowhere")),
    Pattern(r">\s*/dev/(?:mem|kmem|port)\b", Words("写入内存设备", "Writes over memory")),
)
"""Redirections and commands that write over devices and files of the system."""
