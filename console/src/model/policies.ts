/** Notification policies: what speaks of what, and which clash. */

export interface PolicyWords {
  readonly trigger: string
  readonly kinds: readonly string[]
}

export const TRIGGERS = ['PAGE_EXECUTE', 'API_INVOKE', 'TIMER_TASK'] as const
export const KINDS = ['SCRIPT', 'FILE', 'JOB'] as const
export const ENDINGS = ['FAIL', 'READY', 'SUCCESS'] as const
export const CHANNELS = ['mail', 'rtx', 'weixin', 'sms', 'voice'] as const
export const ROLES = ['JOB_RESOURCE_TRIGGER_USER', 'JOB_RESOURCE_OWNER', 'JOB_EXTRA_OBSERVER', 'viewer', 'operator', 'editor', 'admin'] as const

/** Return the kinds that another policy of the same trigger speaks of already; the server takes each only once. */
export function clashes(policies: readonly PolicyWords[], mine: PolicyWords, at: number): string[] {
  const taken = policies.flatMap((one, index) => (index !== at && one.trigger === mine.trigger ? one.kinds : []))
  return mine.kinds.filter((kind) => taken.includes(kind))
}

/** Return the first pair of trigger and kinds that no policy speaks of, for a new one; undefined when all are taken. */
export function free(policies: readonly PolicyWords[]): { trigger: (typeof TRIGGERS)[number]; kinds: (typeof KINDS)[number][] } | undefined {
  for (const trigger of TRIGGERS) {
    const kinds = KINDS.filter((kind) => !policies.some((one) => one.trigger === trigger && one.kinds.includes(kind)))
    if (kinds.length) return { trigger, kinds }
  }
  return undefined
}
