export default {
  title: '会话已结束', text: '您填写的内容仍在本页。请以 {name} 重新登录后继续。', password: '密码', go: '登录', provider: '在新标签页中单点登录', elsewhere: '我已在别处登录',
}
