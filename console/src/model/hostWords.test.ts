import { describe, expect, it } from 'vitest'
import { addressOf, agentStateOf, enrolCommand, termOf, withTerm } from './hostWords'

const host = (more: object) => ({ id: 7, cloud_id: 0, ip: null, ipv6: null, ...more })

describe('the address of a host', () => {
  it('has the area only where it is not the usual one', () => {
    expect(addressOf(host({ ip: '10.0.0.1' }))).toBe('10.0.0.1')
    expect(addressOf(host({ ip: '10.0.0.1', cloud_id: 3 }))).toBe('3:10.0.0.1')
    expect(addressOf(host({ ipv6: 'fe80::1' }))).toBe('fe80::1')
    expect(addressOf(host({ ipv6: 'fe80::1', cloud_id: 3 }))).toBe('3:[fe80::1]')
    expect(addressOf(host({}))).toBe('#7')
  })
})

describe('conditions', () => {
  it('quote blanks', () => expect([termOf('set', 'gz 01'), termOf('os', 'linux')]).toEqual(['set="gz 01"', 'os=linux']))
  it('stand once in a query', () => {
    expect(withTerm('', 'os=linux')).toBe('os=linux')
    expect(withTerm('web', 'os=linux')).toBe('web os=linux')
    expect(withTerm('web os=linux', 'os=linux')).toBe('web os=linux')
    expect(withTerm('web set="gz 01"', 'set="gz 01"')).toBe('web set="gz 01"')
  })
  it('are not taken for the beginning of another one', () => {
    expect(withTerm('module=web-2', 'module=web')).toBe('module=web-2 module=web')
    expect(withTerm('group=12 os!=linux', 'group=1')).toBe('group=12 os!=linux group=1')
    expect(withTerm('name="os=linux box"', 'os=linux')).toBe('name="os=linux box" os=linux')
  })
})

describe('the command that lets a host in', () => {
  it('quotes what a shell would read', () => {
    expect(enrolCommand('https://jobs.example.com/x', 'Ab_-9')).toBe("jobfleet agent --server https://jobs.example.com/x --token Ab_-9 --data-dir /var/lib/jobfleet-agent")
    expect(enrolCommand('https://a b', "it's")).toContain("--server 'https://a b' --token 'it'\\''s'")
  })
})

describe('states of agents', () => {
  it('are taken for «never» when nobody knows them', () => expect([agentStateOf('offline'), agentStateOf('asleep')]).toEqual(['offline', 'never']))
})
