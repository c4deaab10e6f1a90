/** 脚本编辑器。 */
export default {
  keys: 'Tab 键缩进；先按 Esc 再按 Tab 离开编辑器。F8 跳到下一处提示，Ctrl+F 搜索。',
  ends: { lf: 'LF', crlf: 'CRLF', mixed: 'LF 与 CRLF 混用', title: '换行符', label: '换行符为 {now}：点击修改', turn: '换行符。点击后全部改为 {to}。' },
  bytes: {
    note: '不是 UTF-8（{size}）。将逐字节原样保留并执行；以下按此编码显示：', unsure: '按此编码无法读出全部内容。', encoding: '编码', turn: '转为 UTF-8 后编辑', download: '下载',
    lossy: '按此编码无法读出每个字节，不能转为 UTF-8', large: '文件超过脚本的大小上限（16 MiB）。', empty: '文件是空的。', turned: '已由 {encoding} 转为 UTF-8',
  },
}
