"""Refusals about what is kept: scripts, templates, plans, schedules, accounts, credentials, file sources, rules."""

from jobfleet.model.errors import Family, IllegalRequestError, JobfleetError


class ScriptNotFoundError(JobfleetError):
    """Refuse a script that does not exist or has no online version."""

    code = 1243001
    family = Family.NOT_FOUND


class PlanNotFoundError(JobfleetError):
    """Refuse to look at or change a plan that does not exist in the scope."""

    code = 1243009
    family = Family.NOT_FOUND


class ScriptNotOnlineError(JobfleetError):
    """Refuse a template whose step names a script version that is not online. Arguments: the version's id."""

    code = 1243017
    family = Family.PRECONDITION


class VariableTypeUnknownError(JobfleetError):
    """Refuse a variable of a type that there is not. Arguments: the type."""

    code = 1243022
    family = Family.INVALID


class StepTypeUnknownError(JobfleetError):
    """Refuse a step of a kind that there is not. Arguments: the kind."""

    code = 1243029
    family = Family.INVALID


class TemplateNotFoundError(JobfleetError):
    """Refuse a template that does not exist in the scope."""

    code = 1243026
    family = Family.NOT_FOUND


class PlanInUseError(JobfleetError):
    """Refuse to delete a plan that a schedule starts."""

    code = 1243037
    family = Family.PRECONDITION


class TemplateInUseError(JobfleetError):
    """Refuse to delete a template with a plan that a schedule starts."""

    code = 1243038
    family = Family.PRECONDITION


class TemplateNameTakenError(JobfleetError):
    """Refuse a second template of a name. Arguments: the name."""

    code = 1243040
    family = Family.EXISTS


class TemplateBusyError(JobfleetError):
    """Refuse to save a template that another request saves right now; try again."""

    code = 1243041
    family = Family.ABORTED


class ChangedMeanwhileError(JobfleetError):
    """Refuse to change what somebody else has changed since it was looked at. Arguments: who."""

    code = 1243041
    family = Family.ABORTED


class PlanNameTakenError(JobfleetError):
    """Refuse a second plan of a name in a template. Arguments: the name."""

    code = 1243042
    family = Family.EXISTS


class PlanIdTakenError(JobfleetError):
    """Refuse to import a plan under an id that another plan has. Arguments: the id."""

    code = 1243043
    family = Family.EXISTS


class TemplateIdTakenError(JobfleetError):
    """Refuse to import a template under an id that another template has. Arguments: the id."""

    code = 1243044
    family = Family.EXISTS


class ScriptSyncError(JobfleetError):
    """Refuse to give a step another version of a script that it does not run. Arguments: the step's id."""

    code = 1243045
    family = Family.PRECONDITION


class BulkUpdateError(JobfleetError):
    """Refuse to change values of many plans, none of which was changed. Arguments: the plan's id, why."""

    code = 1243046
    family = Family.PRECONDITION


class BadArchiveError(JobfleetError):
    """Refuse an archive that cannot be imported. Arguments: why."""

    code = 1241016
    family = Family.INVALID


class AliasTakenError(JobfleetError):
    """Refuse an alias that another account of the scope and category has. Arguments: the alias."""

    code = 1243007
    family = Family.EXISTS


class LinkedAccountNotFoundError(JobfleetError):
    """Refuse a database account whose system account does not exist in the scope. Arguments: the account."""

    code = 1243008
    family = Family.NOT_FOUND


class AccountInUseError(JobfleetError):
    """Refuse to delete an account that something refers to. Arguments: what does."""

    code = 1243014
    family = Family.PRECONDITION


class ScriptNameTakenError(JobfleetError):
    """Refuse a script's name that another one of the scope has. Arguments: the name."""

    code = 1243002
    family = Family.EXISTS


class IllegalScriptNameError(JobfleetError):
    """Refuse a script's name that holds a forbidden character. Arguments: the name."""

    code = 1243003
    family = Family.INVALID


class ForeignScriptError(JobfleetError):
    """Refuse to look at or change a script that is not the scope's. Arguments: the script's id."""

    code = 1243004
    family = Family.NOT_FOUND


class VersionNameTakenError(JobfleetError):
    """Refuse a version's name that another version of the script has. Arguments: the version."""

    code = 1243036
    family = Family.EXISTS


class VersionNotFoundError(JobfleetError):
    """Refuse a version of a script that does not exist. Arguments: its id."""

    code = 1243047
    family = Family.NOT_FOUND


class ScriptInUseError(JobfleetError):
    """Refuse to delete a script or version that a template or plan uses. Arguments: its id."""

    code = 1243054
    family = Family.PRECONDITION


class TagNameTakenError(JobfleetError):
    """Refuse a tag's name that another tag of the scope has. Arguments: the name."""

    code = 1243021
    family = Family.EXISTS


class ForeignTagError(JobfleetError):
    """Refuse a tag that the scope does not have. Arguments: its id."""

    code = 1241008
    family = Family.INVALID


class RuleExistsError(JobfleetError):
    """Refuse a second dangerous rule of the same expression and languages. Arguments: the expression."""

    code = 1243056
    family = Family.EXISTS


class RuleNotFoundError(JobfleetError):
    """Refuse a dangerous rule that does not exist. Arguments: its id."""

    code = 1241005
    family = Family.NOT_FOUND


class UploadTooLargeError(JobfleetError):
    """Refuse an upload that is larger than uploads may be. Arguments: the limit in bytes."""

    code = 1243015
    family = Family.INVALID


class CredentialNotFoundError(JobfleetError):
    """Refuse a credential that does not exist in the scope."""

    code = 1243048
    family = Family.NOT_FOUND


class CredentialInUseError(JobfleetError):
    """Refuse to delete a credential that a file source uses. Arguments: the source's name."""

    code = 1243055
    family = Family.PRECONDITION


class CredentialNameTakenError(JobfleetError):
    """Refuse a name that another credential of the scope has. Arguments: the name."""

    code = 1243060
    family = Family.EXISTS


class FileSourceNotFoundError(JobfleetError):
    """Refuse a file source that the scope cannot use. Arguments: its id."""

    code = 1260001
    family = Family.NOT_FOUND


class FileSourceAliasTakenError(JobfleetError):
    """Refuse a name that another file source of the scope has. Arguments: the name."""

    code = 1260004
    family = Family.EXISTS


class FileSourceCodeUnknownError(JobfleetError):
    """Refuse a code that no file source of the scope has. Arguments: the code."""

    code = 1260012
    family = Family.NOT_FOUND


class FileSourceCodeTakenError(JobfleetError):
    """Refuse a code that another file source of the scope has. Arguments: the code."""

    code = 1260015
    family = Family.PRECONDITION


class ForeignFileSourceError(JobfleetError):
    """Refuse to change a file source that another scope shares. Arguments: its code."""

    code = 1260017
    family = Family.PRECONDITION


class EndpointRefusedError(JobfleetError):
    """Refuse an address that file sources may not have. Arguments: the address, why."""

    code = 1260020
    family = Family.INVALID


class UnknownScopeError(JobfleetError):
    """Refuse to name a business or business set that does not exist. Arguments: the scope."""

    code = 1243051
    family = Family.INVALID


class WhitelistAddressesError(JobfleetError):
    """Refuse to white-list addresses that no host has. Arguments: the addresses."""

    code = 1243052
    family = Family.INVALID


class WhitelistHostsError(JobfleetError):
    """Refuse to white-list hosts that are not known. Arguments: their ids."""

    code = 1243053
    family = Family.INVALID


class WhitelistRecordNotFoundError(IllegalRequestError):
    """Refuse a record of the white list that does not exist. Arguments: its id."""

    family = Family.NOT_FOUND


class UploadSuffixError(JobfleetError):
    """Refuse an upload whose name ends as uploads may not. Arguments: the name."""

    code = 1243050
    family = Family.INVALID


class SettingNotFoundError(IllegalRequestError):
    """Refuse a setting of the platform that does not exist. Arguments: its name."""

    family = Family.NOT_FOUND


class CallbackEntryError(JobfleetError):
    """Refuse a place for callbacks that is none. Arguments: the place."""

    code = 1244038
    family = Family.INVALID


class CallbackEntryTwiceError(JobfleetError):
    """Refuse a place for callbacks that is in the list already. Arguments: the place."""

    code = 1244039
    family = Family.INVALID


class HookNotFoundError(IllegalRequestError):
    """Refuse a notification hook that the scope does not have. Arguments: its name."""

    family = Family.NOT_FOUND


class ScheduleNotFoundError(JobfleetError):
    """Refuse a schedule that does not exist in the scope."""

    code = 1245001
    family = Family.NOT_FOUND


class ScheduleNameTakenError(JobfleetError):
    """Refuse a second schedule of a name in a scope. Arguments: the name."""

    code = 1245004
    family = Family.EXISTS


class ExecuteTimePassedError(JobfleetError):
    """Refuse to enable a schedule that fires once, at a moment that has passed."""

    code = 1245006
    family = Family.PRECONDITION


class EndTimePassedError(JobfleetError):
    """Refuse a schedule that has nothing to fire any more before its end."""

    code = 1245007
    family = Family.PRECONDITION


class ScopeMailQuotaError(JobfleetError):
    """Refuse a mail because 24 hours brought as many from the scope as may go. Arguments: the limit."""

    code = 1243057
    family = Family.EXHAUSTED


class UserMailQuotaError(JobfleetError):
    """Refuse a mail because 24 hours brought as many to the user as may go. Arguments: the limit."""

    code = 1243058
    family = Family.EXHAUSTED


class SystemMailQuotaError(JobfleetError):
    """Refuse a mail because 24 hours brought as many from the installation as may go. Arguments: the limit."""

    code = 1243059
    family = Family.EXHAUSTED
