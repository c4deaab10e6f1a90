"""The people, applications, businesses and hosts that the acceptance tests' installation declares."""

import os
import pwd

from tests.acceptance.surfaces import Json

A, B, C = 1, 2, 3
"""Hosts 127.0.0.1 to 127.0.0.3, each with an agent."""

NO_AGENT, NO_ADDRESS, FOREIGN, SCRIPT_LISTED, FILE_LISTED = 10, 11, 12, 13, 14
MISTRUSTING = (21, 22, 23)
"""Hosts whose agents were enrolled and then told to obey another installation's key."""

SLEEPY, LATE = 24, 25
"""A host whose agent a test may freeze, and one whose agent comes later."""

BOXED = (26, 27, 28)
"""Hosts whose agents a test gives disks of their own."""

CONTAINED = 29
"""A host with containers, of the cluster «BCS-1»."""

WITH_AGENTS_OF_TESTS = (*MISTRUSTING, SLEEPY, LATE, *BOXED, CONTAINED)

CROWDED_BUSINESS, EMPTY_BUSINESS = 77, 78
"""Businesses that tests add: one with more hosts than a step may have, and one that nothing has happened in."""

ACCOUNT = pwd.getpwuid(os.geteuid()).pw_name
"""The account that agents run as here, and so the alias of the first account."""

BIZ: Json = {"bk_scope_type": "biz", "bk_scope_id": "2"}
OTHER: Json = {"bk_scope_type": "biz", "bk_scope_id": "3"}
ALL: Json = {"bk_scope_type": "biz_set", "bk_scope_id": "9991001"}

PASSWORD = "only for this test run"
SECRET = "only-for-this-test-run"

IPS = {A: "127.0.0.1", B: "127.0.0.2", C: "127.0.0.3", NO_AGENT: "10.0.0.10", FOREIGN: "10.0.0.12"} | {
    SCRIPT_LISTED: "10.0.0.13",
    FILE_LISTED: "10.0.0.14",
    **{host: f"10.0.1.{host}" for host in WITH_AGENTS_OF_TESTS},
}
IPV6 = {NO_ADDRESS: "fd00::11"}

DECLARED = f"""
[[users]]
name = "vera"
password = "{PASSWORD}"
[[users]]
name = "oleg"
[[users]]
name = "sam"
[[users]]
name = "olga"
[[users]]
name = "robot"
[[apps]]
code = "esb_test"
secret = "{SECRET}"
trusted = true
[[apps]]
code = "untrusted"
secret = "{SECRET}"
[[apps]]
code = "robot"
secret = "{SECRET}"
[gateway]
jwt_public_key = '''{{public_key}}'''
issuer = "APIGW"
[[businesses]]
id = 3
name = "other"
time_zone = "America/New_York"
[[businesses]]
id = 4
name = "closed"
archived = true
[[business_sets]]
id = 9991002
name = "pair"
businesses = [2]
[[hosts]]
id = {NO_AGENT}
ip = "10.0.0.10"
business = 2
[[hosts]]
id = {NO_ADDRESS}
ipv6 = "fd00::11"
business = 2
[[hosts]]
id = {FOREIGN}
ip = "10.0.0.12"
business = 3
[[hosts]]
id = {SCRIPT_LISTED}
ip = "10.0.0.13"
business = 3
[[hosts]]
id = {FILE_LISTED}
ip = "10.0.0.14"
business = 3
[[hosts]]
id = {CONTAINED}
ip = "10.0.1.{CONTAINED}"
business = 2
tags = {{{{ cluster = "BCS-1" }}}}
[[host_whitelist]]
ip = "10.0.0.13"
businesses = [2]
actions = ["script"]
[[host_whitelist]]
ip = "10.0.0.14"
businesses = [2]
actions = ["file"]
[[topology_nodes]]
id = 10
type = "set"
name = "front"
business = 2
[[topology_nodes]]
id = 100
type = "module"
name = "web"
business = 2
parent = 10
hosts = [3, 2]
[[topology_nodes]]
id = 300
type = "module"
name = "foreign"
business = 3
hosts = [{FOREIGN}]
[[dynamic_groups]]
id = "100"
name = "ends"
business = 2
hosts = [3, 1]
[[dynamic_groups]]
id = "loop"
name = "loopback"
business = 2
filter = {{{{ ip = ["127.0.0.*"] }}}}
[[dynamic_groups]]
id = "empty"
name = "nobody"
business = 2
filter = {{{{ ip = ["192.0.2.*"] }}}}
[[accounts]]
id = 50
business = 2
alias = "nobody-has-it"
account = "jobfleet_none"
[[accounts]]
id = 51
business = 2
alias = "database"
account = "mysql"
category = "database"
type = "mysql"
system_account = "{ACCOUNT}"
[[accounts]]
id = 52
business = 2
alias = "other"
account = "nobody"
[[accounts]]
id = 53
business = 3
alias = "{ACCOUNT}"
account = "{ACCOUNT}"
[[accounts]]
business_set = 9991001
alias = "{ACCOUNT}"
account = "{ACCOUNT}"
[[role_bindings]]
user = "vera"
role = "viewer"
business = 2
[[role_bindings]]
user = "oleg"
role = "operator"
business = 2
[[role_bindings]]
user = "olga"
role = "operator"
business = 3
[[role_bindings]]
user = "robot"
role = "operator"
business = 2
""" + "".join(
    f'[[hosts]]\nid = {host}\nip = "10.0.1.{host}"\nbusiness = 2\n' for host in (*MISTRUSTING, SLEEPY, LATE, *BOXED)
)
