/** The list of runs. */
export default {
  quick: 'Quick run',
  title: 'Runs',
  all: 'All runs', left: 'no longer matches', matching: 'no run matches now | {count} run matches now | {count} runs match now', picked: 'no run picked | {count} run picked | {count} runs picked', elsewhere: 'none of them elsewhere | {count} of them is not on this page: | {count} of them are not on this page:', letGoElsewhere: 'Let these go', letGo: 'Pick none', notShown: 'not on this page',
  none: 'No run matches', noneHint: 'Fewer filters, or a longer time, may find some.', empty: 'Nothing has run here yet', emptyHint: 'Runs of the last 30 days are listed here, newest first.', first: 'Run something',
  news: '{count} new run | {count} new run | {count} new runs', hours: 'When runs began; arrow keys move, Enter asks for that time', bar: '{at}: {runs} runs, {failed} failed',
  step: 'step {place}/{count}', batch: 'batch {batch}/{count}', exit: 'exit {code}', notBegun: 'not begun', progress: 'Progress of {name}', pick: 'Choose {name}',
  okHosts: '{count} host succeeded | {count} hosts succeeded', failedHosts: '{count} host failed | {count} hosts failed',
  bulk: '{action} · {runs} run | {action} · {runs} run | {action} · {runs} runs', done: 'asked of {count} run | asked of {count} run | asked of {count} runs',
  columns: { scope: 'Business', status: 'Status', name: 'Run', hosts: 'Hosts', step: 'Step', via: 'From', by: 'By', begun: 'Begun', took: 'Took', act: 'What to do' },
  via: { page: 'page', api: 'API', schedule: 'schedule' },
  types: { plan: 'Plan', script: 'Script', file: 'Files' },
  filters: { status: 'Status', by: 'By', byHint: 'a name, or me', name: 'Name', host: 'Host', hostHint: '10.0.0.1 or a host id', plan: 'Plan', schedule: 'Schedule', via: 'From', type: 'Kind', app: 'Application' },
  views: { title: 'Views', mine: 'My runs', failures: 'Failures of the last day', running: 'Running and waiting', name: 'Name of this view', save: 'Save', drop: 'Forget {name}' },
  keys: { pick: 'Choose the run', act: 'Do what the run asks for' },
}
