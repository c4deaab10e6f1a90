export default {
  menu: '首页', title: '首页', attention: '需要处理', quiet: '一切正常，没有需要处理的事项。', failuresOf: '失败的执行：最近 24 小时', open: '打开', show: '查看', run: '执行',
  moreFailed: '24 小时内还有 {n} 个失败的执行', moreWaiting: '还有 {n} 个在等待', moreFailing: '还有 {n} 个持续失败', waits: '等待人工确认', startWaits: '{who} 申请执行，等待您审批', waitsForYou: '“{step}”等待您确认', waitsFor: '“{step}”等待他人确认', failing: '连续失败',
  inARow: '失败 | 失败 1 次 | 连续失败 {n} 次', offline: '没有 Agent 离线 | 1 个 Agent 离线 | {n} 个 Agent 离线',
  awaySince: '始于', awayLatest: '· 最近一个始于', onHosts: '没有主机 | {n} 台主机 | {n} 台主机', moreNext: '还有 {n} 个 | 还有 {n} 个 | 还有 {n} 个', morePlans: '还有 {n} 个 | 还有 {n} 个 | 还有 {n} 个',
  usually: '通常耗时', usualBasis: '没有成功执行 | {n} 次成功执行的中位数 | {n} 次成功执行的中位数',
  hostsFailed: '没有主机失败 | {n} 台主机失败 | {n} 台主机失败', retry: '重试 {n} 台', retried: '{name}：失败主机已重新执行',
  retryText: '在失败的主机上重新执行步骤“{step}”。 | 在失败的 {n} 台主机上重新执行步骤“{step}”。 | 在失败的 {n} 台主机上重新执行步骤“{step}”。',
  retryVerb: '重试失败主机 | 重试 {n} 台失败主机 | 重试 {n} 台失败主机',
  running: '正在执行', done: '{done} / {total}', batch: '批次 {at}/{of}', step: '步骤 {at}/{of}', more: '还有 {n} 个', idle: '当前没有执行中的任务。', runSomething: '去执行',
  next: '未来 24 小时', nothingNext: '24 小时内没有定时任务。', fleet: '主机', online: '就绪', away: '离线', revoked: '已吊销', never: '未安装 Agent',
  plans: '我的作业', noPlans: '收藏执行方案后会显示在这里。', toJobs: '作业', days: '近 14 天', dayTitle: '{day}：执行 {runs} 次，失败 {failed} 次',
  first: {
    title: '三步完成首次执行', host: '添加主机', hostText: '主机装有 jobfleet 包后，运行一条命令即可注册 Agent。', hostGo: '查看命令', agent: '等待 Agent 上线',
    agentText: '几秒后它会以“在线”出现在列表中。', agentGo: '主机', run: '执行 hostname', runText: '在该主机上执行一行脚本。', runGo: '快速执行',
  },
}
