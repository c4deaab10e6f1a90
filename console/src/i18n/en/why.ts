/** Why a host ended as it did. */
export default {
  exit: 'Exit code',
  survivors: 'Processes still alive',
  agent: 'Agent now',
  agentState: { online: 'online', offline: 'offline', revoked: 'revoked', never: 'never enrolled' },
  seen: 'seen',
  noHost: 'The host is not in this business any more',
  account: 'Account',
  timeout: 'Time limit',
  digest: 'Script (SHA-256)',
  times: 'Where the time went',
  span: { before: 'Waited to be sent', queued: 'On its way and queued', ran: 'Ran' },
  notSent: 'The order was never sent',
  attempts: 'Attempts',
  attempt: 'Attempt {number}',
  compare: 'Compare outputs',
  events: 'What happened',
  kind: {
    job_accepted: 'Run accepted', job_moved: 'Run', job_ended: 'Run ended', task_chosen: 'Chosen to run again', task_started: 'This host began', step_moved: 'Step', task_moved: 'This host', late_result: 'Late result of this host',
  },
}
