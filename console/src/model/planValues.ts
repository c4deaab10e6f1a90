// The values that a run or a schedule gives to the variables of a plan: only what differs from the plan's own is sent.

import { targetOf, targetTexts, type TargetSpec } from './targetSpec'

export interface PlanVariable {
  readonly name: string
  readonly type: string
  readonly value: string
  readonly hosts: Partial<TargetSpec>
  readonly required: boolean
  readonly description: string
  /** Whether a start may give it another value. */
  readonly changeable?: boolean
}

/** What somebody gave: texts by name, and hosts by name as texts; what is not in it is the plan's own. */
export interface Given {
  values: Record<string, string>
  hosts: Record<string, string[]>
}

/** Return the hosts that a plan's variable has, as texts. */
export function ownHosts(variable: PlanVariable): string[] {
  return targetTexts(targetOf(variable.hosts))
}

/** Return what is to be sent: of what was given that which is not the plan's own value; of passwords whatever was typed. */
export function toSend(variables: readonly PlanVariable[], given: Given): Given {
  const found: Given = { values: {}, hosts: {} }
  for (const one of variables) {
    const [value, hosts] = [given.values[one.name], given.hosts[one.name]]
    if (one.type === 'hosts') {
      if (hosts && hosts.join('\n') !== ownHosts(one).join('\n')) found.hosts[one.name] = hosts
    } else if (one.type === 'password') {
      // What is hidden looks the same whatever it is: it is sent as it was shown, and stays.
      if (value) found.values[one.name] = value
    } else if (value !== undefined && value !== one.value) found.values[one.name] = value
  }
  return found
}

/** Return the names of the variables that need a value and have none. */
export function lacking(variables: readonly PlanVariable[], given: Given): string[] {
  return variables.filter((one) => one.required && !hasValue(one, given)).map((one) => one.name)
}

function hasValue(one: PlanVariable, given: Given): boolean {
  if (one.type === 'hosts') return (given.hosts[one.name] ?? ownHosts(one)).length > 0
  return (given.values[one.name] ?? one.value) !== ''
}

/** Count what differs from the plan's own values. */
export function countChanged(variables: readonly PlanVariable[], given: Given): number {
  const { values, hosts } = toSend(variables, given)
  return Object.keys(values).length + Object.keys(hosts).length
}
