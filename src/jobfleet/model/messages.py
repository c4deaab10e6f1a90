"""What a refusal says to people, in Chinese and English."""

import re
from collections.abc import Callable, Mapping

from jobfleet.model import desk_errors, errors, job_errors, resource_errors, signin_errors, start_errors
from jobfleet.model.errors import DeclarationError, JobfleetError
from jobfleet.model.problems import in_chinese

TEXTS: Mapping[type[JobfleetError], tuple[str, str]] = {
    errors.JobfleetError: ("服务内部异常，请稍后重试", "Internal error, please try again later"),
    errors.InternalError: ("服务内部异常，请稍后重试", "Internal error, please try again later"),
    errors.UnavailableError: ("服务暂不可用，请稍后重试", "Service unavailable for the moment, please try again later"),
    errors.BadRequestError: ("请求参数错误：{0} {1}", "Bad request: {0} {1}"),
    errors.UnknownAddressError: ("请求地址不存在：{0} {1}", "No such address: {0} {1}"),
    errors.WrongMethodError: ("不支持的请求方法：{0} {1}", "Method not allowed: {0} {1}"),
    errors.NotAcceptableError: (
        "无法按请求的类型返回结果：{0}",
        "Answers are JSON, which the request does not take: {0}",
    ),
    errors.WrongMediaTypeError: ("不支持的请求体类型：{0}", "Unsupported content type: {0}"),
    errors.UnreadableBodyError: ("请求体无法解析：{0} {1}", "The request cannot be read: {0} {1}"),
    errors.InvalidParameterError: ("请求参数不合法", "Invalid parameter"),
    errors.UnsupportedOperationError: ("当前状态不支持该操作", "Operation not supported in the present state"),
    errors.MissingParameterError: ("缺少参数：{0}", "Missing parameter: {0}"),
    errors.IllegalParameterError: ("参数不合法：{0} {1}", "Illegal parameter: {0} {1}"),
    errors.MissingOrIllegalParameterError: ("参数缺失或不合法：{0}", "Missing or illegal parameter: {0}"),
    errors.IllegalParameterReasonError: ("参数{0}不合法，原因：{1}", "Illegal parameter {0}: {1}"),
    errors.UnsupportedFeatureError: ("不支持的特性：{0}", "Feature not supported: {0}"),
    errors.UnsupportedScopeError: ("该资源范围类型不支持此功能", "Scopes of this type do not have this feature"),
    errors.IllegalRequestError: ("请求不合法，原因：{0}", "Illegal request: {0}"),
    job_errors.StaleRunError: (
        "作业状态已变化，请查看最新状态后再操作",
        "The run has moved on since you looked; look again",
    ),
    job_errors.IdempotencyConflictError: ("请求不合法，原因：{0}", "Illegal request: {0}"),
    job_errors.AlreadyStartedError: ("作业已启动，不可重复启动：{0}", "The job was started already: {0}"),
    resource_errors.ScopeMailQuotaError: (
        "业务的通知数量已达上限：{0}",
        "The scope has sent as many mails as it may: {0}",
    ),
    resource_errors.UserMailQuotaError: ("用户的通知数量已达上限：{0}", "The user got as many mails as may go: {0}"),
    resource_errors.SystemMailQuotaError: (
        "系统的通知数量已达上限：{0}",
        "The installation has sent as many mails as it may: {0}",
    ),
    resource_errors.RuleNotFoundError: ("高危语句规则不存在：{0}", "There is no such dangerous rule: {0}"),
    resource_errors.ScriptNotFoundError: ("脚本不存在", "The script does not exist"),
    resource_errors.PlanNotFoundError: ("执行方案不存在", "The plan does not exist"),
    resource_errors.ScriptNotOnlineError: ("作业模板引用的脚本版本未上线：{0}", "The script version {0} is not online"),
    resource_errors.TemplateNotFoundError: ("作业模板不存在", "The template does not exist"),
    resource_errors.PlanInUseError: (
        "执行方案已被定时任务引用，不能删除",
        "A schedule starts the plan; it cannot be deleted",
    ),
    resource_errors.TemplateInUseError: (
        "作业模板的执行方案已被定时任务引用，不能删除",
        "A schedule starts a plan of the template; it cannot be deleted",
    ),
    resource_errors.TemplateNameTakenError: ("作业模板名称已存在：{0}", "A template has this name already: {0}"),
    resource_errors.ChangedMeanwhileError: (
        "{0}已在此期间修改，请刷新后重试",
        "{0} has changed it meanwhile; look at it again",
    ),
    resource_errors.TemplateBusyError: (
        "作业模板正在保存，请稍后重试",
        "The template is being saved by another request",
    ),
    resource_errors.PlanNameTakenError: (
        "执行方案名称已存在：{0}",
        "A plan of the template has this name already: {0}",
    ),
    resource_errors.VariableTypeUnknownError: ("不支持的变量类型：{0}", "There is no variable type {0}"),
    resource_errors.StepTypeUnknownError: ("不支持的步骤类型：{0}", "There is no kind of step {0}"),
    resource_errors.PlanIdTakenError: ("执行方案ID已存在：{0}", "A plan has the id {0} already"),
    resource_errors.TemplateIdTakenError: ("作业模板ID已存在：{0}", "A template has the id {0} already"),
    resource_errors.ScriptSyncError: ("步骤{0}未引用该脚本，无法同步", "The step {0} does not run this script"),
    resource_errors.BulkUpdateError: (
        "批量更新变量失败，执行方案{0}：{1}",
        "No value was changed, because of plan {0}: {1}",
    ),
    resource_errors.BadArchiveError: ("导入文件不合法：{0}", "The archive cannot be imported: {0}"),
    job_errors.HostVariableNotFoundError: ("主机变量不存在：{0}", "No such host variable: {0}"),
    job_errors.NoEnabledStepError: ("执行方案没有启用的步骤", "The plan has no enabled step"),
    job_errors.UnknownPlanError: ("执行方案不存在", "The plan does not exist"),
    job_errors.ScriptDisabledError: ("脚本版本已禁用：{0}", "The script version {0} is disabled"),
    resource_errors.ScriptNameTakenError: ("脚本名称已存在：{0}", "The script name is used already: {0}"),
    resource_errors.IllegalScriptNameError: (
        "脚本名称包含非法字符：{0}",
        "The script name holds forbidden characters: {0}",
    ),
    resource_errors.ForeignScriptError: ("脚本不在该业务下", "The script does not belong to the business"),
    resource_errors.VersionNameTakenError: ("脚本版本号已存在：{0}", "The version name is used already: {0}"),
    resource_errors.VersionNotFoundError: ("脚本版本不存在：{0}", "The script version does not exist: {0}"),
    resource_errors.ScriptInUseError: (
        "脚本已被引用，不可删除",
        "The script is used by a template or plan and cannot be deleted",
    ),
    resource_errors.TagNameTakenError: ("标签名称[{0}]已存在", "A tag is called [{0}] already"),
    resource_errors.ForeignTagError: ("标签不属于该业务或不存在：{0}", "The scope has no such tag: {0}"),
    resource_errors.RuleNotFoundError: ("高危语句规则不存在，id：{0}", "There is no dangerous rule with the id {0}"),
    resource_errors.RuleExistsError: ("高危语句规则已存在：{0}", "The same dangerous rule exists already: {0}"),
    job_errors.ScriptNotExecutableError: ("脚本版本状态为{0}，不可执行", "The script version is {0} and cannot be run"),
    job_errors.InterceptedError: (
        "脚本命中高危语句规则[{0}]，第{1}行，已被拦截",
        "The script was intercepted by the dangerous rule [{0}] at line {1}",
    ),
    job_errors.ScopeQuotaError: ("业务正在执行的作业数已达上限：{0}", "The business runs as many jobs as it may: {0}"),
    job_errors.AppQuotaError: ("应用正在执行的作业数已达上限：{0}", "The application runs as many jobs as it may: {0}"),
    job_errors.SystemQuotaError: ("系统正在执行的作业数已达上限：{0}", "The system runs as many jobs as it may: {0}"),
    errors.ScopeNotFoundError: ("业务或业务集不存在", "The business or business set does not exist"),
    job_errors.EmptyTargetError: ("执行目标为空", "The target is empty"),
    job_errors.ForeignHostsError: (
        "{1}台主机不属于业务[{0}]且不在白名单内：{2}",
        "{1} hosts do not belong to the business [{0}] and are not on the white list: {2}",
    ),
    job_errors.AccountNotFoundError: ("执行账号不存在：{0}", "The account does not exist: {0}"),
    resource_errors.AliasTakenError: ("账号别名已存在：{0}", "The alias belongs to another account: {0}"),
    resource_errors.LinkedAccountNotFoundError: (
        "数据库账号关联的系统账号不存在：{0}",
        "The system account that the database account is linked to does not exist: {0}",
    ),
    resource_errors.AccountInUseError: ("账号正在被引用，不可删除：{0}", "The account is in use: {0}"),
    job_errors.JobNotFoundError: ("作业实例不存在", "The job instance does not exist"),
    job_errors.StepNotFoundError: ("步骤实例不存在", "The step instance does not exist"),
    job_errors.NotConfirmerError: ("您不是该步骤的确认人", "You may not confirm this step"),
    job_errors.TooManyFileTasksError: ("文件任务数超过上限：{0}", "More file tasks than allowed: {0}"),
    job_errors.ContentNotFoundError: ("文件不存在或已过期：{0}", "The file is not in storage (any more): {0}"),
    job_errors.StorageError: ("文件无法保存：{0}", "The file cannot be stored: {0}"),
    job_errors.NoSourceError: ("步骤[{0}]的源主机为空", "The file step [{0}] has no source host"),
    job_errors.ContentMismatchError: ("请求不合法，原因：{0}", "Illegal request: {0}"),
    job_errors.NotHostSourcesError: ("按源文件滚动仅支持服务器文件", "Only files of hosts can roll by file source"),
    resource_errors.UploadTooLargeError: (
        "上传文件超过大小上限：{0} 字节",
        "The upload is larger than allowed: {0} bytes",
    ),
    resource_errors.CredentialNotFoundError: ("凭证不存在：{0}", "The credential does not exist: {0}"),
    resource_errors.CredentialInUseError: (
        "凭证被文件源[{0}]引用，不能删除",
        "The file source [{0}] uses the credential",
    ),
    resource_errors.CredentialNameTakenError: ("凭证名称[{0}]已存在", "A credential is called [{0}] already"),
    resource_errors.FileSourceNotFoundError: ("文件源不存在：{0}", "The file source does not exist: {0}"),
    resource_errors.FileSourceAliasTakenError: ("文件源名称[{0}]已存在", "A file source is called [{0}] already"),
    resource_errors.FileSourceCodeUnknownError: ("标识为[{0}]的文件源不存在", "No file source has the code [{0}]"),
    resource_errors.FileSourceCodeTakenError: ("文件源标识[{0}]已存在", "A file source has the code [{0}] already"),
    resource_errors.ForeignFileSourceError: (
        "文件源[{0}]属于其他业务",
        "The file source [{0}] belongs to another business",
    ),
    resource_errors.EndpointRefusedError: ("文件源地址[{0}]不被允许：{1}", "A file source may not be at [{0}]: {1}"),
    job_errors.TooManyTargetsError: ("执行目标数量超过上限：{0}", "More targets than allowed: {0}"),
    job_errors.IllegalRollingExpressionError: ("滚动表达式不合法：{0}", "Illegal rolling expression: {0}"),
    job_errors.TooManyBatchesError: ("滚动批次超过上限：{0}", "More rolling batches than allowed: {0}"),
    job_errors.LabelSelectorError: ("容器标签选择器不合法：{0}", "Illegal label selector: {0}"),
    job_errors.NoTargetError: ("步骤[{0}]的执行目标为空", "The step [{0}] has no target"),
    job_errors.UnknownHostsError: ("{0}台主机不存在：[{1}]", "Hosts do not exist ({0}): [{1}]"),
    resource_errors.UnknownScopeError: ("业务或业务集不存在：{0}", "There is no business or business set {0}"),
    resource_errors.WhitelistAddressesError: ("IP不存在：{0}", "No hosts have these addresses: {0}"),
    resource_errors.WhitelistHostsError: ("主机不存在，id：{0}", "No hosts have these ids: {0}"),
    resource_errors.WhitelistRecordNotFoundError: ("白名单记录不存在：{0}", "The white list has no record {0}"),
    resource_errors.UploadSuffixError: ("不允许上传该后缀的文件：{0}", "Files of this kind may not be uploaded: {0}"),
    resource_errors.SettingNotFoundError: ("平台设置不存在：{0}", "The platform has no setting {0}"),
    resource_errors.CallbackEntryError: (
        "回调地址白名单条目不合法：{0}",
        "No host, *.domain or http(s) address for the white list of callbacks: {0}",
    ),
    resource_errors.CallbackEntryTwiceError: (
        "回调地址白名单条目重复：{0}",
        "The white list of callbacks has it already: {0}",
    ),
    resource_errors.HookNotFoundError: ("通知钩子不存在：{0}", "There is no notification hook {0}"),
    resource_errors.ScheduleNotFoundError: ("定时任务不存在", "The schedule does not exist"),
    resource_errors.ScheduleNameTakenError: ("定时任务名称已存在：{0}", "A schedule has this name already: {0}"),
    resource_errors.ExecuteTimePassedError: (
        "定时任务的执行时间已过",
        "The moment at which the schedule fires has passed",
    ),
    resource_errors.EndTimePassedError: ("定时任务的结束时间已过", "The schedule has nothing to fire before its end"),
    job_errors.GroupNotFoundError: ("动态分组不存在：{0}", "The dynamic group does not exist: {0}"),
    errors.UnauthenticatedError: ("用户未登录或不存在：{0}", "User unknown or not signed in: {0}"),
    errors.UserMissingError: (
        "缺少用户：请提供 bk_username、bk_token 或 access_token",
        "The user is missing: give bk_username, bk_token or access_token",
    ),
    errors.AppMissingError: (
        "缺少应用：请提供 bk_app_code 与 bk_app_secret",
        "The application is missing: give bk_app_code and bk_app_secret",
    ),
    errors.AppNotAllowedError: (
        "应用不存在、密钥错误或无权执行该操作：{0}",
        "The application is unknown, its secret is wrong, or it may not do this: {0}",
    ),
    signin_errors.TokenNotFoundError: ("个人访问令牌不存在：{0}", "There is no personal access token {0}"),
    signin_errors.TokenNameTakenError: ("个人访问令牌名称已存在：{0}", "You have a personal access token called {0}"),
    signin_errors.TooManyTokensError: (
        "个人访问令牌数量已达上限：{0}",
        "You have as many tokens as you may: {0}",
    ),
    signin_errors.TooManyStreamsError: (
        "同时打开的实时推送已达上限：{0}",
        "You follow as many streams at once as you may: {0}",
    ),
    start_errors.SecondPersonError: (
        "执行对象超过 {0} 个，需要另一人审批后才能执行",
        "More than {0} hosts: a second person has to approve the start",
    ),
    start_errors.StartRequestNotFoundError: ("审批申请不存在：{0}", "There is no request for approval {0}"),
    start_errors.OwnStartRequestError: ("不能审批自己提交的申请", "Nobody decides on what they ask for themselves"),
    start_errors.StartChangedError: (
        "将要执行的内容与查看时不同，请重新查看",
        "It would do something else by now than what was looked at: look again",
    ),
    start_errors.StartRequestOverError: (
        "申请已结束（{0}），请查看最新状态",
        "The request waits no more ({0}); look again",
    ),
    desk_errors.DraftNotFoundError: ("草稿不存在：{0}", "There is no draft {0}"),
    desk_errors.TooMuchKeptError: (
        "保存的视图或收藏数量已达上限：{0}",
        "You keep as many views or favourites here as you may: {0}",
    ),
    signin_errors.TooManyAttemptsError: (
        "密码错误次数过多，请在 {0} 秒后重试",
        "Too many wrong passwords; try again in {0} seconds",
    ),
    signin_errors.RateLimitedError: ("请求过于频繁，请在 {0} 秒后重试", "Too many requests; try again in {0} seconds"),
    signin_errors.ForeignPageError: ("请求可能来自其他网站：{0}", "The request may come from another site: {0}"),
    signin_errors.UserNotFoundError: ("用户不存在：{0}", "There is no user {0}"),
    signin_errors.AppNotFoundError: ("应用不存在：{0}", "There is no application {0}"),
    signin_errors.AppExistsError: ("应用已存在：{0}", "There is an application {0} already"),
    signin_errors.RoleNotFoundError: ("用户[{0}]在[{1}]没有在此授予的角色", "No role of {0} in {1} was granted here"),
    signin_errors.PersonNeededError: ("请先登录后再执行：{0}", "Only a person who signed in may do this: {0}"),
    errors.ForbiddenError: ("用户[{0}]没有权限：{1}", "User [{0}] lacks the permission {1}"),
}
"""Text of each refusal, Chinese and English; `{n}` are the error's arguments."""

_PLACE = re.compile(r"\{(\d)\}")


def message_of(error: JobfleetError, language: str) -> str:
    """Return what an error says; `language` is zh or en.

    Source: docs/reference/error-codes.md.
    """
    chinese, english = next(TEXTS[kind] for kind in type(error).__mro__ if kind in TEXTS)
    template, told = (english, str) if language == "en" else (chinese, in_chinese)
    if isinstance(error, DeclarationError) and language != "en":
        return template.format("；".join(mistakes_of(error, language)))
    filled = _PLACE.sub(lambda place: _argument(error, int(place[1]), told), template)
    return filled.strip().removesuffix(":").removesuffix("：").strip()


def mistakes_of(error: DeclarationError, language: str) -> tuple[str, ...]:
    """Return the mistakes of a declaration, each as «place: what is wrong»; the places stay as they are written."""
    return error.mistakes if language == "en" else tuple(_mistake(one) for one in error.mistakes)


def _mistake(told: str) -> str:
    place, colon, problem = told.partition(": ")
    return f"{place}{colon}{in_chinese(problem)}" if colon else in_chinese(told)


def _argument(error: JobfleetError, index: int, told: Callable[[str], str]) -> str:
    return told(error.arguments[index]) if index < len(error.arguments) else ""
