import { expect, it } from 'vitest'
import { ownPath } from './ownPath'

it.each([
  ['/biz/2/runs?status=failed#L1', '/biz/2/runs?status=failed#L1'],
  ['//evil.example', '/'], ['/\\evil.example', '/'], ['https://evil.example', '/'], ['javascript:alert(1)', '/'], ['/sign-in?to=/x', '/'], ['/\n/evil', '/'], ['', '/'],
])('%s goes on to %s', (wanted, path) => expect(ownPath(wanted)).toBe(path))
