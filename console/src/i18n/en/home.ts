export default {
  menu: 'Home', title: 'Home', attention: 'Needs attention', quiet: 'Nothing needs you. Good night.', failuresOf: 'failed runs: last 24 hours', open: 'Open', show: 'Show', run: 'Run',
  moreFailed: '{n} more have failed within a day', moreWaiting: '{n} more wait', moreFailing: '{n} more fail', waits: 'Waits for a person', startWaits: '{who} asks to start it, and needs you', waitsForYou: '“{step}” waits for you', waitsFor: '“{step}” waits for somebody else', failing: 'Fails again and again',
  inARow: 'failed | failed once | failed {n} in a row', offline: 'No agent is offline | 1 agent is offline | {n} agents are offline',
  awaySince: 'since', awayLatest: '· the latest since', onHosts: 'no host | {n} host | {n} hosts', moreNext: '{n} more | {n} more | {n} more', morePlans: '{n} more | {n} more | {n} more',
  usually: 'usually', usualBasis: 'median of no run | median of {n} run | median of {n} runs',
  hostsFailed: 'no host failed | {n} host failed | {n} hosts failed', retry: 'Retry {n}', retried: '{name}: the failed hosts run again',
  retryText: 'Run step “{step}” again on the host that failed. | Run step “{step}” again on the {n} host that failed. | Run step “{step}” again on the {n} hosts that failed.',
  retryVerb: 'Retry failed hosts | Retry {n} failed host | Retry {n} failed hosts',
  running: 'Running now', done: '{done} of {total}', batch: 'batch {at}/{of}', step: 'step {at}/{of}', more: '{n} more', idle: 'Nothing runs.', runSomething: 'Run something',
  next: 'Next 24 hours', nothingNext: 'Nothing starts by itself within a day.', fleet: 'Hosts', online: 'ready', away: 'offline', revoked: 'revoked', never: 'without an agent',
  plans: 'My jobs', noPlans: 'Mark plans with a star to have them here.', toJobs: 'Jobs', days: '14 days', dayTitle: '{day}: {runs} runs, {failed} failed',
  first: {
    title: 'Three steps to the first run', host: 'Add a host', hostText: 'One command on the host, which has the jobfleet package, enrols its agent.', hostGo: 'Show the command', agent: 'See its agent appear',
    agentText: 'Within seconds it stands in the list as online.', agentGo: 'Hosts', run: 'Run hostname', runText: 'A script of one line, on that host.', runGo: 'Quick run',
  },
}
