export default {
  title: 'System', version: 'Version {version}', asOf: 'as of', well: 'Nothing is wrong', servers: 'Servers', noServers: 'No server has said a word', host: 'Host', role: 'Does', roles: { all: 'everything', api: 'API', engine: 'engine' }, started: 'Started',
  disk: 'Disk of files', freeOf: '{free} free of {all}', silent: 'Silent', runs: 'Runs', database: 'Database', databaseVersion: 'Version', size: 'Size', connections: 'Connections', of: '{part} of {all}', answer: 'First answer', broker: 'Broker, as seen by the server asked',
  connection: 'Connection', connected: 'Connected', notConnected: 'Not connected', since: 'Since', reconnects: 'Reconnections', noAnswer: 'none within 2 s', work: 'Work', runningJobs: 'Runs under way', awaitedIn: 'The runs whose hosts these are: each says how many are not done', awaitedHosts: 'Hosts awaited',
  agentsOnline: 'Agents online', agentsOffline: 'Agents offline', unchained: 'Audit rows to be linked', queues: 'Queues', queue: 'Queue', waiting: 'Waiting', due: 'Due', late: 'Late for', delivered: 'Delivered, 24 h', givenUp: 'Given up, 24 h',
  queueNames: { jobs: 'Looks at runs', schedules: 'Schedules', callbacks: 'Callbacks', hooks: 'Messages to hooks', mails: 'Mails' }, retention: 'Retention', kind: 'What', kinds: { history: 'History', output: 'Output' }, keepDays: 'Kept, days',
  postgres: 'PostgreSQL {version}', ms: '{n} ms', partitions: 'Partitions', from: 'From', to: 'To', nextDrop: 'Next is dropped',
  problems: {
    broker: 'The broker does not answer', silent: 'Server {name} is silent', disk: 'The disk of {name} is nearly full', connections: 'The database has nearly no connection left', late: 'The queue {name} is late by more than 30 s',
    unchained: 'Audit rows wait to be linked for more than a minute', noEngine: 'No server carries runs on', versions: 'Servers of different versions run',
  },
}
