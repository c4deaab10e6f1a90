/** 文本对比。 */
export default {
  same: '没有差异',
  gone: '{count} 行仅在 {name} | {count} 行仅在 {name}',
  added: '{count} 行仅在 {name} | {count} 行仅在 {name}',
  rough: '两侧差异过大，后半部分未逐行对比',
  region: '{left} 与 {right} 的差异',
  folded: '{count} 行相同 | {count} 行相同',
  isGone: '删除：',
  isNew: '新增：',
  more: '再显示 {count} 行',
}
