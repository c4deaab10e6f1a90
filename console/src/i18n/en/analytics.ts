export default {
  title: 'Analytics', scope: 'Business', everywhere: 'All businesses', days: 'Days', nDays: '{n} days', byDay: 'Runs by day', utc: 'Days of UTC', runs: 'runs', run: 'Run', succeeded: 'succeeded', failed: 'failed', running: 'under way', other: 'ended otherwise', rate: 'of those that ended succeeded',
  kinds: 'By kind', kind: { script: 'Script', file: 'Files', plan: 'Plan' }, modes: 'Started by', operators: 'By person', apps: 'By application', people: 'no application', rest: 'all others', slow: 'Slowest', took: 'Took', plan: 'Plan', planRuns: 'Runs', median: 'Median',
  failing: 'Hosts that fail most', noFailing: 'No host failed', hostName: 'Host name', failedRuns: 'Runs it failed in', ofAll: 'of all {runs} runs', ofNewest: 'of the newest {runs} runs', ofFailed: 'of the newest {runs} failed runs', ofSomeFailed: 'of some hosts of the newest {runs} failed runs',
  none: 'Nothing ran', noneText: 'No run was accepted in these days.',
}
