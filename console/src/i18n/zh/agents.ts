export default {
  title: 'Agent 管理', state: '状态', states: { online: '在线', offline: '离线', revoked: '已吊销', never: '未安装 Agent 的主机' }, business: '业务', os: '系统', enrolled: '注册时间',
  refused: '拒绝的指令', versions: '版本分布', ofVersion: '{agents} 台，{online} 在线', refusals: '启动以来拒绝的指令', ofReason: '{orders} 条，{agents} 台', noRefusals: '没有拒绝',
  none: '没有 Agent', about: '主机注册后会出现在这里。', rotate: '更换密钥', revoke: '吊销', isRevoked: '已经吊销', revoked: 'Agent 已吊销', revokeTitle: '吊销 {name} 的 Agent？',
  revokeText: '立即永久断开，其脚本的结果将无法得知；主机可以重新注册。', rotateTitle: '为 {name} 更换密钥', rotateText: '在主机上执行以下命令：Agent 用新密钥重新注册，原密钥被吊销。',
  makeToken: '生成令牌', goodUntil: '一次有效，有效期至',
}
