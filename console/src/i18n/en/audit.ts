export default {
  title: 'Audit', place: 'Whose', everywhere: 'Whole platform', platform: 'platform', app: 'Application', action: 'Permission',
  about: 'Object', kind: 'Kind of object', id: 'Object id', source: 'From address', details: 'Details', detailsOf: 'Details of row {id}',
  pages: 'Pages', newest: 'Newest', older: 'Older', none: 'No rows', noneYet: 'Every change leaves a row here: who, what, when, from where.',
  entry: 'Audit row {id}', entryGone: 'This row is not here, or no longer kept', field: 'Field', was: 'Was', is: 'Is', chained: 'Chain', isChained: 'Has its place in the chain', notChained: 'Not linked yet',
  intact: 'Intact', broken: 'Somebody changed the trail', proven: '{rows} rows proven by {who}', neverProven: 'Never proven yet', unchained: '{count} rows wait to be linked', prove: 'Prove now',
  export: 'Export', exportAbout: 'All rows that match, not only this page.', as: { csv: 'Table (CSV)', jsonl: 'JSON lines' },
  results: { done: 'Done', refused: 'Refused' },
  accesses: { web: 'Console, command line', api: 'BlueKing API', schedule: 'Schedule', server: 'Server' },
  kinds: {
    job: 'Run', script: 'Script', public_script: 'Public script', job_template: 'Job', job_plan: 'Plan', cron: 'Schedule', host: 'Host', account: 'Account', tag: 'Tag', file_source: 'File source',
    ticket: 'Credential', notification_hook: 'Hook', user: 'User', app: 'API client', setting: 'Setting', dangerous_rule: 'Rule', start_request: 'Start request', biz: 'Business', biz_set: 'Business set',
  },
}
