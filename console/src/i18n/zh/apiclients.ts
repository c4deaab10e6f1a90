export default {
  title: 'API 客户端', ownTokens: '我的个人访问令牌', make: '新建 API 客户端', none: '还没有 API 客户端', about: '程序通过应用编码和密钥调用蓝鲸 API。', only: '仅显示 {code}',
  code: '应用编码', codeHint: '字母、数字、_ . -；创建后不可修改。', description: '描述', state: '状态', on: '启用', off: '停用', trusted: '用户', names: '可指定用户', namesNot: '需要用户令牌',
  trustedHint: '允许应用指定其代表的用户', scopes: '业务', scopesHint: '无论其用户在别处有何权限，应用只能访问这些业务。', allScopes: '全部', rate: '频率限制', rateHint: '留空：使用平台频率；0：不限制。',
  usual: '默认', anyRate: '不限', perSecond: '{n} 次/秒', perSecondUnit: '次/秒', used: '最近使用', secretAt: '密钥生成时间', editTitle: 'API 客户端 {code}',
  rotate: '更换密钥', disable: '停用', enable: '启用', secret: '密钥', once: '请立即复制：密钥只显示这一次，之后无法再查看。',
  done: { disable: 'API 客户端已停用', enable: 'API 客户端已启用', change: 'API 客户端已修改' },
  ask: { rotate: '为 {code} 更换密钥？', disable: '停用 {code}？' },
  effect: { rotate: '现有密钥立即失效，程序需要使用新密钥。', disable: '该应用的所有请求将立即被拒绝。' },
}
