import { describe, expect, test } from 'vitest'
import { COPY_FORMS, copyText, leftOut } from './copyHosts'

const HOSTS = [
  { id: 7, area: 0, ip: '10.0.0.1', ipv6: '' },
  { id: 8, area: 0, ip: '10.0.0.2', ipv6: 'fe80::2' },
  { id: 9, area: 3, ip: '10.0.0.3', ipv6: '' },
  { id: 10, area: 0, ip: '', ipv6: 'fe80::4' },
]

describe('copied hosts', () => {
  test('have every form', () => {
    expect(COPY_FORMS.map((form) => copyText(HOSTS, form))).toEqual([
      '10.0.0.1\n10.0.0.2\n10.0.0.3',
      '0:10.0.0.1\n0:10.0.0.2\n3:10.0.0.3',
      'fe80::2\nfe80::4',
      '0:[fe80::2]\n0:[fe80::4]',
      '7\n8\n9\n10',
      '10.0.0.[1-2]\n3:10.0.0.3\n10',
    ])
  })

  test('name each host once, and say who has no such address', () => {
    expect(copyText([...HOSTS, ...HOSTS], 'id')).toBe('7\n8\n9\n10')
    expect(COPY_FORMS.map((form) => leftOut(HOSTS, form))).toEqual([1, 1, 2, 2, 0, 0])
  })
})
