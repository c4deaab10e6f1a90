// Hosts as texts to paste elsewhere.
import { foldAddresses, foldIds } from './ranges'

export const COPY_FORMS = ['ipv4', 'area4', 'ipv6', 'area6', 'id', 'folded'] as const
export type CopyForm = (typeof COPY_FORMS)[number]

export interface CopiedHost {
  readonly id: number
  readonly area: number
  readonly ip: string
  readonly ipv6: string
}

/** One line a host, those without such an address left out; folded ranges fold what has no IPv4 address by its id. */
export function copyText(hosts: readonly CopiedHost[], form: CopyForm): string {
  return [...new Set(lines(hosts, form))].join('\n')
}

function lines(hosts: readonly CopiedHost[], form: CopyForm): string[] {
  const [v4, v6] = [hosts.filter((host) => host.ip !== ''), hosts.filter((host) => host.ipv6 !== '')]
  switch (form) {
    case 'ipv4':
      return v4.map((host) => host.ip)
    case 'area4':
      return v4.map((host) => `${host.area}:${host.ip}`)
    case 'ipv6':
      return v6.map((host) => host.ipv6)
    case 'area6':
      return v6.map((host) => `${host.area}:[${host.ipv6}]`)
    case 'id':
      return hosts.map((host) => `${host.id}`)
    case 'folded':
      return [...foldAddresses(v4.map(named)), ...foldIds(hosts.filter((host) => host.ip === '').map((host) => host.id))]
  }
}

// Area 0 is what an address without one means everywhere.
function named(host: CopiedHost): string {
  return host.area === 0 ? host.ip : `${host.area}:${host.ip}`
}

/** How many hosts a form leaves out because they have no such address. */
export function leftOut(hosts: readonly CopiedHost[], form: CopyForm): number {
  if (form === 'ipv4' || form === 'area4') return hosts.filter((host) => host.ip === '').length
  if (form === 'ipv6' || form === 'area6') return hosts.filter((host) => host.ipv6 === '').length
  return 0
}
