import { describe, expect, it } from 'vitest'
import { addressOf } from './auditObject'
import { pathOfScope } from './scope'

const about = (kind: string, id: string) => ({ kind, id, name: '' })

describe('what a row of the trail leads to', () => {
  it('is in the scope in which it was done', () => {
    expect(addressOf(about('job', '17'), 'biz:2', 'biz:3')).toBe('/biz/2/runs/17')
    expect(addressOf(about('cron', '5'), 'biz_set:9', 'biz:3')).toBe('/biz_set/9/schedules/5')
    expect(addressOf(about('start_request', '4'), 'biz:2', 'biz:3')).toBe('/biz/2/approvals?show=all&request=4')
  })
  it('opens what it is about in its list', () => {
    expect(['account', 'tag', 'file_source'].map((kind) => addressOf(about(kind, '7'), 'biz:2', 'biz:2'))).toEqual(['/biz/2/accounts?open=7', '/biz/2/tags?open=7', '/biz/2/files?tab=sources&open=7'])
    expect(addressOf(about('ticket', 'a b'), 'biz:2', 'biz:2')).toBe('/biz/2/credentials?open=a%20b')
  })
  it('is on the platform for what belongs to no business', () => {
    expect(addressOf(about('user', 'li/x'), '', 'biz:2')).toBe('/platform/users?user=li%2Fx')
    expect(addressOf(about('setting', 'max_timeout_s'), '', 'biz:2')).toBe('/platform/settings#max_timeout_s')
  })
  it('is the version of a script that it was done to', () => {
    expect(addressOf({ ...about('script', 'ab'), version: '12' }, 'biz:2', 'biz:2')).toBe('/biz/2/scripts/ab/versions/12')
    expect(addressOf({ ...about('public_script', 'ab'), version: '12' }, '', 'biz:2')).toBe('/platform/public-scripts/ab/versions/12')
    expect(addressOf({ ...about('script', 'ab'), version: '' }, 'biz:2', 'biz:2')).toBe('/biz/2/scripts/ab')
  })
  it('has its page here for an application', () => expect(addressOf(about('app', 'ci'), '', 'biz:2')).toBe('/biz/2/api-clients?app=ci'))
  it('is nothing for what has no page, and for what lost its scope', () => {
    expect(addressOf(null, 'biz:2', 'biz:2')).toBeUndefined()
    expect(addressOf(about('spaceship', '1'), 'biz:2', 'biz:2')).toBeUndefined()
    expect(addressOf(about('job', '17'), '', 'biz:2')).toBeUndefined()
  })
  it('begins with the path of a scope', () => expect([pathOfScope('biz:2'), pathOfScope('')]).toEqual(['/biz/2', '']))
})
