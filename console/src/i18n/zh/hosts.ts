export default {
  title: '主机', one: '主机', add: '添加主机', all: '全部', address: '地址', name: '主机名', id: '主机 ID', os: '操作系统', version: 'Agent 版本', seen: '最近上报', tags: '标签', agentState: 'Agent 状态',
  agent: { online: '在线', offline: '离线', revoked: '已吊销', never: '未安装' },
  search: '查找主机', searchHint: 'web 10.0.0.0/24 os=linux module=nginx', syntax: '文字按主机名与地址查找；其余与执行目标的写法相同：网段、os=、version=、cloud=、agent=、group=、标签与拓扑节点（module=nginx），!= 表示“非”，* 匹配任意字符，逗号表示“或”。',
  findThese: '查找有此标签的主机', noMatch: '没有匹配的主机', none: '还没有主机', about: 'Agent 注册后，主机即出现在这里。',
  groupsAndPlaces: '分组', findInGroup: '查找该分组的主机', runOnAll: '在全部主机上执行 | 在这台主机上执行 | 在全部 {n} 台主机上执行', noTarget: '该条件无法写成执行目标，请勾选主机',
  runOn: '在这台主机上执行 | 在这 {n} 台主机上执行', runHere: '在此执行', gone: '该业务没有这台主机',
  facts: '主机信息', area: '管控区域', ipv4: 'IPv4', ipv6: 'IPv6', enrolled: '注册时间', revokedAt: '吊销时间', refused: '拒绝的指令', places: '拓扑', groups: '动态分组',
  revoke: '吊销 Agent', revokeTitle: '吊销 {name} 的 Agent？', revokeText: '立即且永久断开：正在执行的任务将被放弃，只有重新注册才能恢复。',
  revokeVerb: '吊销此 Agent', revoked: 'Agent 已吊销', noAgent: '尚未注册 Agent', isRevoked: '已经吊销',
  runs: '执行历史', openRuns: '正在执行', mostOpen: '仅显示最近的 {n} 条。', noRuns: '这台主机没有执行记录', result: '本机结果', run: '作业', exit: '返回码', took: '耗时', by: '执行人', at: '时间', notBegun: '未开始', older: '更早的执行',
  since: '始于',
  log: {
    title: 'Agent 日志', show: '查看日志', again: '刷新', hide: '收起日志', count: '行数', since: '启动于', none: '没有日志',
    about: 'Agent 自身的日志：连接情况、接受与拒绝的指令。点击后立即向 Agent 获取最近的日志。',
    trouble: { not_connected: 'Agent 未连接', silent: 'Agent 没有应答', refused: 'Agent 拒绝了请求：其版本不支持该查询' },
  },
  adding: {
    first: '1 · 谁可以加入', second: '2 · 在主机上执行此命令', third: '3 · 已加入的主机', howMany: '主机数量', one: '一台主机', many: '任意多台主机',
    life: '有效期', hour: '1 小时', day: '1 天', week: '7 天', business: '新主机加入', known: '无：仅限已知主机', replace: '替换已存在的 Agent',
    make: '生成命令', again: '重新生成命令', once: '命令仅显示这一次，令牌不会被保存。', install: '主机需已安装 jobfleet。', until: '有效期至',
    came: '暂无主机 | {n} 台主机 | {n} 台主机', waiting: '等待第一个 Agent，注册后会自动出现在这里。',
  },
}
