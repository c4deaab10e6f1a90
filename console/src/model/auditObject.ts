/** Where a row of the audit trail leads: the address of what was done something to. */

import { pathOfScope } from './scope'

export interface AuditObject {
  readonly kind: string
  readonly id: string
  readonly name: string
  /** The version that it was done to, of scripts: others are not kept. */
  readonly version?: string | undefined
}

/** The kinds that rows keep, and that the trail is searched by; of others only the words tell. */
export const KEPT_KINDS = ['job_template', 'job_plan', 'cron', 'script', 'public_script', 'account', 'ticket', 'file_source', 'tag', 'host', 'biz', 'biz_set'] as const

const quoted = encodeURIComponent

/** Addresses by kind; `S` is the path of the scope, empty for what is about none. */
const ADDRESSES: Readonly<Record<string, (S: string, id: string, version: string) => string>> = {
  job: (S, id) => `${S}/runs/${id}`,
  script: (S, id, version) => `${S}/scripts/${quoted(id)}${version}`,
  public_script: (_, id, version) => `/platform/public-scripts/${quoted(id)}${version}`,
  job_template: (S, id) => `${S}/jobs/${id}`,
  job_plan: (_, id) => `/api_plan/${id}`,
  cron: (S, id) => `${S}/schedules/${id}`,
  start_request: (S, id) => `${S}/approvals?show=all&request=${id}`,
  host: (S, id) => `${S}/hosts/${id}`,
  account: (S, id) => `${S}/accounts?open=${id}`,
  tag: (S, id) => `${S}/tags?open=${id}`,
  file_source: (S, id) => `${S}/files?tab=sources&open=${id}`,
  ticket: (S, id) => `${S}/credentials?open=${quoted(id)}`,
  notification_hook: (S) => `${S}/notifications`,
  user: (_, id) => `/platform/users?user=${quoted(id)}`,
  app: (S, id) => `${S}/api-clients?app=${quoted(id)}`,
  setting: (_, id) => `/platform/settings#${id}`,
  dangerous_rule: (_, id) => `/platform/dangerous-rules?rule=${quoted(id)}`,
}
const OF_NO_SCOPE = new Set(['public_script', 'job_plan', 'user', 'setting', 'dangerous_rule'])

/**
 * Return the address of what a row is about, or undefined where there is none.
 *
 * @param scope - Where it was done, such as `biz:2`; empty for what is about no business.
 * @param here - The scope of the page, for what belongs to no business but has its page in one.
 */
export function addressOf(about: AuditObject | null | undefined, scope: string, here: string): string | undefined {
  const address = about ? ADDRESSES[about.kind] : undefined
  if (!about || !address) return undefined
  const path = pathOfScope(scope) || (about.kind === 'app' ? pathOfScope(here) : '')
  return path || OF_NO_SCOPE.has(about.kind) ? address(path, about.id, about.version ? `/versions/${quoted(about.version)}` : '') : undefined
}
