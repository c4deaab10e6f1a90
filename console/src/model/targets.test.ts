import { describe, expect, it } from 'vitest'
import { isComplete, mended, splitTargets } from './targets'

describe('pasted targets', () => {
  it.each([
    ['10.0.0.1 10.0.0.2,10.0.0.3;10.0.0.4\n10.0.0.5', ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']],
    ['10.0.0.[1-5, 60-77], web-[01-20]', ['10.0.0.[1-5,60-77]', 'web-[01-20]']],
    ['set=gz-01   module=nginx', ['set=gz-01 module=nginx']],
    ['!set=gz-01 os!=windows', ['!set=gz-01 os!=windows']],
    ['host=*web* set="gz 01" os!=aix', ['host=*web* set="gz 01" os!=aix']],
    ['10.0.0.1,web-01,linux\n10.0.0.2,web-02,linux', ['10.0.0.1,web-01,linux', '10.0.0.2,web-02,linux']],
    ['3:10.0.0.1\t2:[fd00::1]', ['3:10.0.0.1', '2:[fd00::1]']],
    ['10.0.0.0/24 fd00::/64', ['10.0.0.0/24', 'fd00::/64']],
    ['run:7 failed:run:8 group:web node:set:1 !10.0.0.3', ['run:7', 'failed:run:8', 'group:web', 'node:set:1', '!10.0.0.3']],
    ['10.0.0.1\n\n 10.0.0.1 ', ['10.0.0.1']],
    ['10.0.0.1，10.0.0.2、10.0.0.3', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['', []],
  ])('%j', (pasted, texts) => {
    expect(splitTargets(pasted)).toEqual(texts)
  })

  it('stay as they are when they are pasted again one a line', () => {
    const texts = splitTargets('set=a module=b\n10.0.0.1,web,linux\n10.0.0.[1-3,9] web-* !offline')
    expect(splitTargets(texts.join('\n'))).toEqual(texts)
  })
})

describe('a target that is being written', () => {
  it.each(['10.0.0.1 ', 'web-[1-3],', '10.0.0.[1,2] ', '!offline；'])('is complete with %j', (written) => {
    expect(isComplete(written)).toBe(true)
  })

  it.each(['10.0.0.1', ' ', '', '10.0.0.[1,', '10.0.0.[1, ', 'set=a ', '!os=linux '])('goes on after %j', (written) => {
    expect(isComplete(written)).toBe(false)
  })
})

describe('fixes', () => {
  it('take texts out and put others in, each once', () => {
    const fixes = [{ remove: ['a'], add: ['!offline'] }, { remove: ['c'], add: ['!offline', 'd'] }]
    expect(mended(['a', 'b', 'c'], fixes)).toEqual(['b', '!offline', 'd'])
  })
})
