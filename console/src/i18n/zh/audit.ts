export default {
  title: '操作审计', place: '范围', everywhere: '整个平台', platform: '平台', app: '应用', action: '权限',
  about: '操作对象', kind: '对象类型', id: '对象 ID', source: '来源地址', details: '详情', detailsOf: '记录 {id} 的详情',
  pages: '分页', newest: '最新', older: '更早', none: '没有记录', noneYet: '每次变更都会在这里留下记录：谁、做了什么、何时、从哪里。',
  entry: '审计记录 {id}', entryGone: '该记录不在此处，或已过保留期', field: '字段', was: '变更前', is: '变更后', chained: '审计链', isChained: '已链接', notChained: '尚未链接',
  intact: '完整', broken: '审计记录被篡改', proven: '{who} 校验了 {rows} 条记录', neverProven: '尚未校验', unchained: '{count} 条记录等待链接', prove: '立即校验',
  export: '导出', exportAbout: '导出所有符合条件的记录，不限于本页。', as: { csv: '表格（CSV）', jsonl: 'JSON 行' },
  results: { done: '成功', refused: '被拒绝' },
  accesses: { web: '控制台、命令行', api: '蓝鲸 API', schedule: '定时任务', server: '服务端' },
  kinds: {
    job: '执行任务', script: '脚本', public_script: '公共脚本', job_template: '作业模板', job_plan: '执行方案', cron: '定时任务', host: '主机', account: '账号', tag: '标签', file_source: '文件源',
    ticket: '凭证', notification_hook: '通知钩子', user: '用户', app: 'API 客户端', setting: '设置', dangerous_rule: '高危语句规则', start_request: '审批申请', biz: '业务', biz_set: '业务集',
  },
}
