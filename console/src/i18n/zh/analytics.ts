export default {
  title: '运营分析', scope: '业务', everywhere: '全部业务', days: '天数', nDays: '{n} 天', byDay: '每日执行', utc: '按 UTC 日期', runs: '次执行', run: '执行任务', succeeded: '成功', failed: '失败', running: '执行中', other: '其他结束', rate: '已结束任务的成功率',
  kinds: '按任务类型', kind: { script: '脚本执行', file: '文件分发', plan: '作业执行' }, modes: '按触发方式', operators: '按执行人', apps: '按应用', people: '无应用', rest: '其他', slow: '耗时最长', took: '耗时', plan: '执行方案', planRuns: '执行次数', median: '中位数',
  failing: '失败最多的主机', noFailing: '没有失败的主机', hostName: '主机名', failedRuns: '失败的任务数', ofAll: '基于全部 {runs} 次执行', ofNewest: '基于最近 {runs} 次执行', ofFailed: '基于最近 {runs} 次失败任务', ofSomeFailed: '基于最近 {runs} 次失败任务的部分主机',
  none: '没有执行记录', noneText: '这段时间内没有受理任何任务。',
}
