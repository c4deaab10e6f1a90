/** 主机执行结果的原因。 */
export default {
  exit: '退出码',
  survivors: '仍存活的进程',
  agent: 'Agent 现状',
  agentState: { online: '在线', offline: '离线', revoked: '已吊销', never: '从未接入' },
  seen: '最近心跳',
  noHost: '主机已不在该业务中',
  account: '执行账号',
  timeout: '超时时长',
  digest: '脚本（SHA-256）',
  times: '耗时分布',
  span: { before: '等待下发', queued: '下发与排队', ran: '执行' },
  notSent: '任务没有下发',
  attempts: '各次执行',
  attempt: '第 {number} 次',
  compare: '对比输出',
  events: '相关事件',
  kind: {
    job_accepted: '任务已受理', job_moved: '任务', job_ended: '任务结束', task_chosen: '被选中重试', task_started: '该主机开始执行', step_moved: '步骤', task_moved: '该主机', late_result: '该主机迟到的结果',
  },
}
