/** 单台主机收发的文件。 */
export default {
  search: '搜索文件',
  export: '导出 CSV',
  region: '主机的文件',
  empty: '该主机没有文件传输',
  noMatch: '没有匹配的文件',
  status: '状态',
  file: '文件',
  progress: '进度',
  speed: '速度',
  sum: 'SHA-256',
  rate: '{size}/s',
  server: '服务端',
  more: '再显示 {count} 个',
  state: { pulling: '拉取中', waiting: '等待中', uploading: '上传中', downloading: '下载中', finished: '完成', failed: '失败' },
}
