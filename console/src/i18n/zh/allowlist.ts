export default {
  title: 'IP 白名单', make: '新建白名单', edit: '编辑白名单', none: '没有白名单记录', about: '允许其他业务在这些主机上执行脚本或分发文件。', hosts: '主机', hostsHint: '主机 ID 或地址，每行一个：17、10.0.0.1、3:10.0.0.1',
  hostId: '主机 ID', scopes: '生效业务', all: '全部业务', for: '生效范围', actions: { script: '脚本执行', file: '文件分发' }, remark: '备注', more: '{names} 等，另有 {count} 台', goneHosts: '主机已不存在',
  removed: '记录已删除', removeTitle: '删除该记录？', removeText: '这些业务将不能再使用这些主机；正在执行的任务不受影响。',
}
