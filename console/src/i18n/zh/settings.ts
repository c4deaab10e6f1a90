export default {
  title: '全局设置', about: '修改后，所有服务器的下一个请求即生效；已受理的任务不受影响。单台服务器的配置在其配置文件中。', value: '值', change: '修改', changeOf: '修改 {name}', reset: '恢复默认',
  saved: '设置已保存', setBy: '由 {who} 设置', isDefault: '默认值', default: '默认：{value}', empty: '无', trail: '变更记录', wrong: '该值不合法。', limits: '{least} 至 {most}',
  hint: { text: '文本', number: '整数', list: '每行一条', table: '每行一条：biz:2 = 3600' },
  nothing: { callback_urls: '不限制', second_person_hosts: '不需要', job_list_max_start: '不限制' },
  names: {
    account_name_linux: 'Linux 账号命名规则', account_name_windows: 'Windows 账号命名规则', account_name_database: 'MySQL、Oracle、DB2 账号命名规则',
    account_name_postgresql: 'PostgreSQL 账号命名规则', callback_urls: '回调地址白名单', max_timeout_s: '步骤最长超时时间（秒）', scope_max_timeout_s: '单个业务的最长超时时间（秒）',
    upload_allowed_suffixes: '允许上传的文件后缀', upload_forbidden_suffixes: '禁止上传的文件后缀', second_person_hosts: '执行对象超过该数量时需要另一人审批', job_list_max_start: '任务列表最大起始位置',
  },
}
