export default {
  title: '高危命中', platformTitle: '检测记录', action: '处理', actions: { intercept: '拦截', scan: '仅记录' }, rule: '规则', ruleId: '规则 ID', line: '行', who: '操作人', became: '结果',
  refused: '已拒绝', none: '没有命中记录', about: '脚本命中高危语句规则时会记录在这里：规则、当时的脚本内容和操作人。',
  script: '当时的脚本', showScript: '查看脚本第 {line} 行', scriptGone: '脚本已过保留期', part: '命中行附近的 {shown} 行，共 {all} 行', hitHere: '命中：',
}
