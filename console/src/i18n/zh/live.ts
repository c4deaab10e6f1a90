export default {
  paused: '实时更新已暂停，最后更新',
}
