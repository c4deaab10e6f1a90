export default {
  title: 'IP allow-list', make: 'New entry', edit: 'Edit entry', none: 'No entries', about: 'Hosts that other businesses may use, for scripts or files.', hosts: 'Hosts', hostsHint: 'Ids or addresses, one a line: 17, 10.0.0.1, 3:10.0.0.1',
  hostId: 'Host id', scopes: 'May be used by', all: 'all businesses', for: 'For', actions: { script: 'Scripts', file: 'Files' }, remark: 'Remark', more: '{names} and {count} more', goneHosts: 'hosts that are gone',
  removed: 'Entry removed', removeTitle: 'Remove this entry?', removeText: 'The businesses may not use these hosts any more. What runs goes on.',
}
