/** 执行历史。 */
export default {
  quick: '快速执行',
  title: '执行历史',
  all: '全部执行历史', left: '已不符合条件', matching: '现有 {count} 个任务符合条件', picked: '已选 {count} 个任务', elsewhere: '其中 {count} 个不在本页：', letGoElsewhere: '取消选择这些', letGo: '全部取消', notShown: '不在本页',
  none: '没有符合条件的任务', noneHint: '可减少筛选条件或放宽时间范围。', empty: '还没有执行过任务', emptyHint: '此处按时间倒序列出最近 30 天的任务。', first: '快速执行',
  news: '{count} 个新任务', hours: '任务开始时间分布；左右键移动，回车筛选该时段', bar: '{at}：{runs} 个任务，{failed} 个失败',
  step: '步骤 {place}/{count}', batch: '批次 {batch}/{count}', exit: '返回码 {code}', notBegun: '尚未开始', progress: '{name} 的进度', pick: '选择 {name}',
  okHosts: '{count} 台主机成功', failedHosts: '{count} 台主机失败',
  bulk: '{action} · {runs} 个任务', done: '已提交 {count} 个任务',
  columns: { scope: '业务', status: '状态', name: '任务', hosts: '主机', step: '步骤', via: '执行方式', by: '执行人', begun: '开始时间', took: '耗时', act: '操作' },
  via: { page: '页面执行', api: 'API 调用', schedule: '定时执行' },
  types: { plan: '作业执行', script: '脚本执行', file: '文件分发' },
  filters: { status: '状态', by: '执行人', byHint: '用户名，或 me 表示自己', name: '任务名称', host: '主机', hostHint: '10.0.0.1 或主机 ID', plan: '执行方案', schedule: '定时任务', via: '执行方式', type: '任务类型', app: '应用' },
  views: { title: '视图', mine: '我执行的任务', failures: '最近一天的失败任务', running: '执行中与等待中', name: '视图名称', save: '保存', drop: '删除视图 {name}' },
  keys: { pick: '选择任务', act: '执行该任务的首要操作' },
}
