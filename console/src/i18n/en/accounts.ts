export default {
  title: 'Accounts', one: 'Account', new: 'New account', all: 'All', system: 'System', database: 'Database', category: 'Kind', search: 'Find by alias', alias: 'Alias', account: 'Account', type: 'Type',
  password: 'Password', set: 'set', unset: 'none', description: 'Description', modifier: 'Changed by', modified: 'Changed', through: 'through {account}',
  none: 'No accounts yet', noMatch: 'No account matches', about: 'Scripts run as system accounts; SQL runs as database accounts.', aliasHint: 'What people choose it by; the account itself if left out.',
  port: 'Port', databaseName: 'Database', systemAccount: 'Runs through', systemHint: 'The system account that starts the database client on the host.', choose: 'Choose…',
  lacks: { name: 'Give the account', system: 'Choose the system account that it runs through' }, kept: 'Account saved',
  usedBy: 'Used by', unused: 'Nothing uses it', use: { database: 'Database account', template: 'Template', plan: 'Plan' },
  remove: 'Remove account', removeTitle: 'Remove the account {name}?', removeText: 'Jobs and history keep what they know of it.', removed: 'Account removed', inUse: 'What uses it has to let go of it first',
}
