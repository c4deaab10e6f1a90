export default {
  title: '账号', one: '账号', new: '新建账号', all: '全部', system: '系统账号', database: '数据库账号', category: '用途', search: '按别名查找', alias: '账号别名', account: '账号名称', type: '类型',
  password: '密码', set: '已设置', unset: '无', description: '描述', modifier: '更新人', modified: '更新时间', through: '经由 {account}',
  none: '还没有账号', noMatch: '没有匹配的账号', about: '脚本以系统账号执行，SQL 以数据库账号执行。', aliasHint: '供选择时显示的名称；不填则与账号名称相同。',
  port: '端口', databaseName: '数据库名', systemAccount: '依赖系统账号', systemHint: '在主机上启动数据库客户端的系统账号。', choose: '请选择…',
  lacks: { name: '请填写账号名称', system: '请选择依赖的系统账号' }, kept: '账号已保存',
  usedBy: '被引用', unused: '没有被引用', use: { database: '数据库账号', template: '作业模板', plan: '执行方案' },
  remove: '删除账号', removeTitle: '删除账号 {name}？', removeText: '作业与执行历史中的记录不受影响。', removed: '账号已删除', inUse: '请先解除引用',
}
