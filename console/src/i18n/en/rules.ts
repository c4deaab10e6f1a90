export default {
  hits: 'Rule hits',
  title: 'Dangerous rules', make: 'New rule', edit: 'Edit rule', none: 'No rules yet', about: 'Rules are searched in every script before it runs. They catch mistakes, not malice.', place: 'Order', state: 'State', on: 'On', off: 'Off',
  action: 'Effect', actions: { scan: 'Record', intercept: 'Block' }, expression: 'Expression', expressionHint: 'RE2; it may match anywhere in a line. ^ and $ are the line’s ends, (?i) ignores case.', language: 'Languages',
  languages: { shell: 'Shell', python: 'Python', perl: 'Perl', powershell: 'PowerShell', bat: 'Bat', sql: 'SQL' }, description: 'Reason', descriptionHint: 'Shown to whom it stops', enabled: 'Counts from the next script on',
  enable: 'Switch on', disable: 'Switch off', up: 'Try earlier', down: 'Try later', isFirst: 'It is the first', isLast: 'It is the last', orderNeedsAll: 'The order is changed without filters', showHits: 'Show',
  removeTitle: 'Remove this rule?', removeText: 'Scripts are not searched for it any more. Its hits stay.', saved: 'Rule saved', trial: 'Try it on a text', tried: '{hits} of {lines} lines hit; comments are left out',
  approvable: 'A second person may let a start past it',
  done: { enable: 'Rule switched on', disable: 'Rule switched off', delete: 'Rule removed', move: 'Order changed' },
}
