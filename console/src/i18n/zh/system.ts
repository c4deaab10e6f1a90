export default {
  title: '系统状态', version: '版本 {version}', asOf: '截至', well: '一切正常', servers: '服务器', noServers: '没有服务器上报', host: '主机', role: '职责', roles: { all: '全部', api: 'API', engine: '引擎' }, started: '启动时间',
  disk: '文件磁盘', freeOf: '剩余 {free} / 共 {all}', silent: '无响应', runs: '运行中', database: '数据库', databaseVersion: '版本', size: '大小', connections: '连接数', of: '{part} / {all}', answer: '首次应答', broker: '消息服务（当前服务器视角）',
  connection: '连接', connected: '已连接', notConnected: '未连接', since: '连接时间', reconnects: '重连次数', noAnswer: '2 秒内无应答', work: '负载', runningJobs: '执行中的任务', awaitedIn: '这些主机所属的任务，各任务列出尚未完成的主机数', awaitedHosts: '等待结果的主机',
  agentsOnline: '在线 Agent', agentsOffline: '离线 Agent', unchained: '待链接的审计记录', queues: '队列', queue: '队列', waiting: '等待', due: '到期', late: '延迟', delivered: '24 小时送达', givenUp: '24 小时放弃',
  queueNames: { jobs: '任务巡检', schedules: '定时任务', callbacks: '回调', hooks: '钩子消息', mails: '邮件' }, retention: '数据保留', kind: '类型', kinds: { history: '执行历史', output: '执行日志' }, keepDays: '保留天数',
  postgres: 'PostgreSQL {version}', ms: '{n} ms', partitions: '分区数', from: '起始', to: '截止', nextDrop: '下次清理',
  problems: {
    broker: '消息服务无应答', silent: '服务器 {name} 无响应', disk: '{name} 的磁盘即将用尽', connections: '数据库连接即将用尽', late: '队列 {name} 延迟超过 30 秒',
    unchained: '审计记录等待链接超过 1 分钟', noEngine: '没有服务器推进任务', versions: '服务器版本不一致',
  },
}
