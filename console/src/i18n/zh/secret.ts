export default { set: '已设置，不会显示。', going: '保存后清除', replace: '更换', take: '清除', keep: '保留原值' }
