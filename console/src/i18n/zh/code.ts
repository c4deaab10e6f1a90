/** 脚本编辑器。 */
export default {
  keys: 'Tab 键缩进；先按 Esc 再按 Tab 离开编辑器。F8 跳到下一处提示，Ctrl+F 搜索。',
}
