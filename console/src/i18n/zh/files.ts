export default {
  title: '文件', uploads: '本地上传文件', sources: '文件源', search: '按名称或上传人查找', name: '文件名', size: '大小', checksum: 'SHA-256', copySum: '复制校验值', uploadedBy: '上传人',
  uploaded: '上传时间', keptUntil: '清理时间', keptByTemplate: '保留：被作业模板引用', upload: '上传文件', sending: '上传中', sent: '已上传', none: '还没有上传的文件', noMatch: '没有匹配的文件',
  about: '将文件拖到这里，或选择文件。作业与作业模板可将其分发到主机；保留七天，被作业模板或执行方案引用时不清理。',
  lacks: { code: '请填写标识', name: '请填写名称', endpoint: '请填写地址', credential: '请选择凭证' },
  source: {
    new: '新建文件源', name: '名称', code: '标识', codeHint: '以字母开头，由字母、数字和 _ 组成，创建后不可修改。', state: '状态', on: '启用', off: '停用', endpoint: '地址', endpointHint: 'S3 对象存储的根地址：https://s3.example.com',
    region: '区域', bucket: '存储桶', bucketHint: '仅使用此存储桶；不填则不限。', anyBucket: '不限', shared: '共享范围', withAll: '所有业务', of: '由 {scope} 共享', changed: '更新时间', credential: '凭证',
    choose: '请选择…', noKeys: '没有包含 Access Key 的凭证。', makeKey: '去新建', prefix: '文件名前缀', prefixHint: "加在目标文件名之前；{'${UUID}'} 每次生成新的文本。", enabled: '允许步骤使用',
    public: '所有业务可用', sharedWith: '共享给以下业务', none: '还没有文件源', about: '文件分发所用的对象存储。', kept: '文件源已保存',
    foreign: '它属于 {scope}，仅共享使用，不能在此修改。', remove: '删除文件源', removeTitle: '删除文件源 {name}？', removeText: '仍引用它的步骤在启动时会失败。', removed: '文件源已删除',
  },
  check: { title: '连接测试', path: '目录', pathHint: 'bucket/directory/', go: '测试连接', reached: '连接成功', failed: '连接失败', more: '还有更多', empty: '目录为空。' },
}
