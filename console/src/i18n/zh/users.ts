export default {
  title: '用户与角色', people: '用户', allowed: '角色权限', make: '新建用户', makeAbout: '新用户没有任何角色，创建后请授予角色。', name: '用户名', on: '启用', off: '停用', roles: '角色', signIn: '登录',
  byPassword: '密码', noWay: '无法登录', noRole: '没有角色', platform: '平台', roleIn: '{role} · {where}', role: { viewer: '查看者', operator: '操作者', editor: '编辑者', admin: '管理员' },
  password: '密码', passwordHint: '留空：只能通过单点登录。至少 8 个字符，其中 4 个不同。', language: '语言', languages: { zh: '中文', en: 'English' }, made: '用户已创建', passwordSet: '用户已存在，密码已更新',
  person: '用户 {name}', gone: '用户不存在', trail: '操作记录', where: '范围', roleName: '角色', choose: '请选择范围', grant: '授予角色', granted: '角色已授予', revoke: '收回', revokeOf: '收回 {where} 的 {role} 角色', revoked: '角色已收回',
  from: { provider: '来自单点登录', declared: '来自声明式配置' }, notSelf: '不能对自己操作', unlock: '清除密码错误计数', endSessions: '强制下线', enable: '启用', disable: '停用',
  done: { disable: '用户已停用', enable: '用户已启用', unlock: '已清除密码错误计数', 'end-sessions': '已强制下线' },
  ask: { disable: '停用 {name}？', 'end-sessions': '将 {name} 强制下线？' }, effect: { disable: '立即下线且不能再登录，其令牌被拒绝；正在执行的任务不受影响。', 'end-sessions': '结束其所有会话和登录；个人访问令牌保留。' },
  first: '显示前 {n} 个，共 {total} 个。', in: { scope: '业务或业务集内', platform: '平台' }, action: '权限', may: '允许', mayNot: '不允许',
}
