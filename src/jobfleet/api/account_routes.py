"""What the BlueKing surfaces serve of accounts and of rules on dangerous commands."""

from jobfleet.api import accounts, dangerous_rules, host_passwords
from jobfleet.api.access import SIGNED_IN
from jobfleet.api.esb_v2 import accounts as v2
from jobfleet.api.surface import Route, Surface
from jobfleet.model.caller import Action

_CREATE, _MANAGE, _VIEW, _RULE = (
    Action.CREATE_ACCOUNT,
    Action.MANAGE_ACCOUNT,
    Action.ACCESS_BUSINESS,
    Action.DANGEROUS_RULE,
)
_V2, _POST, _BOTH = Surface.ESB_V2, ("POST",), ("GET", "POST")
_OWN = v2.get_own_db_account_list, v2.GetOwnDbAccountList, list[v2.DbAccountV2]

V2: tuple[Route, ...] = (
    Route(_V2, "get_os_account", _BOTH, _VIEW, v2.get_os_account, v2.GetOsAccount, list[v2.OsAccountV2]),
    Route(_V2, "get_own_db_account_list", _BOTH, _VIEW, *_OWN),
)


def version_3(surface: Surface, queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Return what bus and gateway serve; they differ in the methods of queries."""
    page = accounts.get_account_list, accounts.GetAccountList, accounts.AccountPage
    make = accounts.create_account, accounts.CreateAccount, accounts.Account
    remove = accounts.delete_account, accounts.DeleteAccount, accounts.Account
    return (
        Route(surface, "get_account_list", queries, _VIEW, *page),
        Route(surface, "create_account", _POST, _CREATE, *make),
        Route(surface, "delete_account", _POST, _MANAGE, *remove),
        *_rules(surface),
    )


def _gateway(surface: Surface) -> tuple[Route, ...]:
    name, metadata = "get_account_password_encryption_metadata", host_passwords.EncryptionMetadata
    learn = host_passwords.get_account_password_encryption_metadata, host_passwords.GetEncryptionMetadata, metadata
    change = accounts.update_account, accounts.UpdateAccount, accounts.Account
    return (
        Route(surface, name, ("GET",), SIGNED_IN, *learn),
        Route(surface, "update_account", _POST, _MANAGE, *change),
    )


GATEWAY = _gateway(Surface.GATEWAY_V3)


def _rules(surface: Surface) -> tuple[Route, ...]:
    one, rule, status = dangerous_rules.OneDangerousRule, dangerous_rules.Rule, dangerous_rules.RuleStatus
    make = dangerous_rules.create_dangerous_rule, dangerous_rules.CreateDangerousRule, rule
    change = dangerous_rules.update_dangerous_rule, dangerous_rules.UpdateDangerousRule, rule
    listed = dangerous_rules.get_dangerous_rule_list, dangerous_rules.GetDangerousRuleList, list[rule]  # type: ignore[valid-type]
    return (
        Route(surface, "create_dangerous_rule", _POST, _RULE, *make),
        Route(surface, "update_dangerous_rule", _POST, _RULE, *change),
        Route(surface, "delete_dangerous_rule", _POST, _RULE, dangerous_rules.delete_dangerous_rule, one, None),
        Route(surface, "enable_dangerous_rule", _POST, _RULE, dangerous_rules.enable_dangerous_rule, one, status),
        Route(surface, "disable_dangerous_rule", _POST, _RULE, dangerous_rules.disable_dangerous_rule, one, status),
        Route(surface, "get_dangerous_rule_list", _POST, _RULE, *listed),
    )
