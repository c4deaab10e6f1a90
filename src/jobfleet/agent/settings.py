"""What an agent is told when it is started."""

import msgspec


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Say where an agent keeps its data and which server it belongs to.

    `server` and `token` are needed for the first start only; later starts use the identity in `data_dir`.
    `ip` and `cloud_id` say which host it is; without an ip the server takes the address it sees. Containers
    of the host are looked for every `containers_every_s`; 0: never.
    """

    data_dir: str
    server: str = ""
    token: str = ""
    ip: str = ""
    cloud_id: int = 0
    log_level: str = "info"
    containers_every_s: float = 15.0
