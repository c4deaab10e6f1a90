export default { menu: '首页', title: '首页' }
