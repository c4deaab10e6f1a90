export default {
  title: '登录', password: '密码', go: '登录', provider: '使用单点登录', or: '或', ended: '会话已结束，重新登录后回到原来的页面。',
  needed: '请输入用户名和密码。',
}
