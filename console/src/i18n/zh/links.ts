export default { title: '链接', gone: '链接指向的内容已不存在，或您无权查看' }
