export default {
  hits: '高危命中',
  title: '高危语句规则', make: '新建规则', edit: '编辑规则', none: '还没有规则', about: '每个脚本执行前都会检测这些规则。规则防误操作，不防恶意。', place: '顺序', state: '状态', on: '启用', off: '停用',
  action: '处理动作', actions: { scan: '仅记录', intercept: '拦截' }, expression: '语法检测表达式', expressionHint: 'RE2 语法；可匹配行内任意位置，^ 和 $ 为行首行尾，(?i) 忽略大小写。', language: '脚本类型',
  languages: { shell: 'Shell', python: 'Python', perl: 'Perl', powershell: 'PowerShell', bat: 'Bat', sql: 'SQL' }, description: '规则说明', descriptionHint: '拦截时展示给操作人', enabled: '从下一个脚本开始生效',
  enable: '启用', disable: '停用', up: '上移', down: '下移', isFirst: '已是第一条', isLast: '已是最后一条', orderNeedsAll: '清除筛选后才能调整顺序', showHits: '查看',
  removeTitle: '删除该规则？', removeText: '之后的脚本不再检测该规则；已有命中记录保留。', saved: '规则已保存', trial: '用文本试一试', tried: '{lines} 行中命中 {hits} 行；不检测注释',
  approvable: '允许另一人审批后执行',
  done: { enable: '规则已启用', disable: '规则已停用', delete: '规则已删除', move: '顺序已调整' },
}
