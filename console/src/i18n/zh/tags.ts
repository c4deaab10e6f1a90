export default {
  title: '标签', new: '新建标签', edit: '编辑标签', search: '按名称查找', name: '标签名', description: '描述', scripts: '脚本', templates: '作业模板', modifier: '更新人', modified: '更新时间', actions: '操作',
  none: '还没有标签', noMatch: '没有匹配的标签', about: '标签用于标记脚本与作业模板，便于查找。', kept: '标签已保存', delete: '删除', deleted: '标签已删除', deleteTitle: '删除标签 {name}？',
  deleteText: '没有被使用。 | 将从 {n} 个脚本或作业模板上移除。 | 将从 {n} 个脚本或作业模板上移除。', many: '给 {n} 项打标签 | 给 {n} 项打标签', add: '添加', takeOff: '移除', changed: '标签已更新',
}
