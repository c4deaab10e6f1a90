export default {
  title: 'Hosts', one: 'Host', add: 'Add hosts', all: 'All', address: 'Address', name: 'Name', id: 'Host ID', os: 'System', version: 'Agent version', seen: 'Last heard', tags: 'Tags', agentState: 'Agent',
  agent: { online: 'Online', offline: 'Offline', revoked: 'Revoked', never: 'No agent' },
  search: 'Find hosts', searchHint: 'web 10.0.0.0/24 os=linux module=nginx', syntax: 'Words are looked for in name and address. The rest is as in targets: networks, os=, version=, cloud=, agent=, group=, tags and places of the topology (module=nginx), != for “not”, * for any letters, a comma for “or”.',
  findThese: 'Find hosts with this tag', noMatch: 'No host matches', none: 'No hosts yet', about: 'A host appears as soon as its agent has enrolled.',
  groupsAndPlaces: 'Groups', findInGroup: 'Find hosts of this group', runOnAll: 'Run on all | Run on this host | Run on all {n} hosts', noTarget: 'No target text can say this: tick hosts instead',
  runOn: 'Run on this host | Run on these {n} hosts', runHere: 'Run here', gone: 'This business has no such host',
  facts: 'Host', area: 'Cloud area', ipv4: 'IPv4', ipv6: 'IPv6', enrolled: 'Enrolled', revokedAt: 'Revoked', refused: 'Refused orders', places: 'Topology', groups: 'Groups',
  revoke: 'Revoke agent', revokeTitle: 'Revoke the agent of {name}?', revokeText: 'It is cut off at once and for good: what it runs is given up, and only a new enrolment brings the host back.',
  revokeVerb: 'Revoke this agent', revoked: 'Agent revoked', noAgent: 'No agent has enrolled', isRevoked: 'It is revoked already',
  runs: 'What ran here', openRuns: 'Running now', mostOpen: 'Only the latest {n} are shown.', noRuns: 'Nothing ran on this host', result: 'Result on this host', run: 'Run', exit: 'Exit', took: 'Time', by: 'By', at: 'When', notBegun: 'Not begun', older: 'Older runs',
  since: 'since',
  log: {
    title: 'Log of the agent', show: 'Show the log', again: 'Look again', hide: 'Hide the log', count: 'How many lines', since: 'running since', none: 'It has logged nothing',
    about: 'What the agent says of itself: connections, orders that it took or refused. It is asked for its latest lines now.',
    trouble: { not_connected: 'The agent is not connected', silent: 'The agent did not answer', refused: 'The agent refuses: its version does not know this question' },
  },
  adding: {
    first: '1 · Who may come', second: '2 · Run this on the host', third: '3 · Hosts that came', howMany: 'How many hosts', one: 'One host', many: 'Any number of hosts',
    life: 'Good for', hour: '1 hour', day: '1 day', week: '7 days', business: 'New hosts join', known: 'none: known hosts only', replace: 'Replace agents that are there already',
    make: 'Make the command', again: 'Make another command', once: 'The command is shown this once: its token is stored nowhere.', install: 'The host needs the jobfleet package.', until: 'Good until',
    came: 'no host yet | {n} host | {n} hosts', waiting: 'Waiting for the first agent. It appears here by itself.',
  },
}
