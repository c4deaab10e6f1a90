export default {
  find: { part: '显示 {total} 项中的 {shown} 项，输入以查找其余的。' },
  server: '服务器：',
}
