export default {
  title: '凭证', new: '新建凭证', search: '按名称查找', name: '凭证名称', type: '类型', description: '描述', changedBy: '更新人', changed: '更新时间',
  types: { access_key: 'Access Key 与 Secret Key', username_password: '用户名与密码', password: '密码', secret_key: '密钥' },
  secrets: { access_key: 'Access Key', secret_key: 'Secret Key', username: '用户名', password: '密码' },
  none: '还没有凭证', noMatch: '没有匹配的凭证', about: '平台访问对象存储等其他系统所用的密钥。', writeOnly: '密钥加密保存，不会再次显示。',
  lacks: { name: '请填写凭证名称', secrets: '请填写密钥' }, kept: '凭证已保存', usedBy: '被引用', unused: '没有被引用', fileSource: '文件源',
  remove: '删除凭证', removeTitle: '删除凭证 {name}？', removeText: '此操作无法恢复。', removed: '凭证已删除', inUse: '有文件源正在使用',
}
