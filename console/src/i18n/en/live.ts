export default {
  paused: 'Live updates paused, last',
}
