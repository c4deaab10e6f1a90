export default {
  password: {
    title: '修改密码', old: '当前密码', new: '新密码', again: '再次输入新密码', differ: '两次输入不一致。', rule: '至少 8 个字符，其中至少 4 个不同。',
    go: '修改密码', done: '密码已修改，其他会话已结束。',
  },
  tokens: {
    title: '个人令牌', about: '供代您工作的程序使用。令牌的权限不超过您本人及其角色。', none: '还没有令牌', make: '新建令牌', name: '名称', role: '角色',
    viewer: '查看者', operator: '执行者', editor: '编辑者', admin: '管理员', life: '有效期', days: '{n} 天', made: '创建时间', ends: '到期时间', used: '最近使用', state: '状态',
    good: '有效', revoked: '已吊销', ended: '已过期', revoke: '吊销', revokeTitle: '吊销令牌 {name}？', revokeText: '使用它的程序会立即被拒绝。', revokedNow: '令牌已吊销',
    once: '请立即复制，令牌只显示一次。', shown: '新令牌', actions: '操作',
  },
}
