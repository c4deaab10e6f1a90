export default {
  title: 'Agents', state: 'State', states: { online: 'Online', offline: 'Offline', revoked: 'Revoked', never: 'Host without agent' }, business: 'Business', os: 'System', enrolled: 'Enrolled',
  refused: 'Refused orders', versions: 'Versions', ofVersion: '{agents}, {online} online', refusals: 'Refused orders since start', ofReason: '{orders} orders, {agents} agents', noRefusals: 'None refused',
  none: 'No agents', about: 'Agents appear here when hosts enrol.', rotate: 'Rotate keys', revoke: 'Revoke', isRevoked: 'It is revoked already', revoked: 'Agent revoked', revokeTitle: 'Revoke the agent of {name}?',
  revokeText: 'It is cut off at once and for good; how its scripts end is not known. The host can enrol anew.', rotateTitle: 'New keys for {name}', rotateText: 'Run this on the host: its agent enrols anew with keys of its own, and the keys that it had are revoked.',
  makeToken: 'Make a token', goodUntil: 'Good once, until',
}
