import { describe, expect, it } from 'vitest'
import { isFirstStart } from './firstStart'

describe('the first steps', () => {
  it('are shown before there is a host', () => expect(isFirstStart({ online: 0, offline: 0 }, 0)).toBe(true))
  it('stay while the agent is there and nothing has run: the third step is still to come', () => expect(isFirstStart({ online: 1, offline: 0 }, 0)).toBe(true))
  it('are not what one needs whose agents are all away', () => expect(isFirstStart({ online: 0, offline: 41 }, 0)).toBe(false))
  it('are over with the first run', () => expect(isFirstStart({ online: 1, offline: 0 }, 1)).toBe(false))
})
