import { describe, expect, it } from 'vitest'
import { follow, isHeard, pressOf } from './keys'

const press = (key: string, held: Partial<{ ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean }> = {}) =>
  pressOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

describe('presses', () => {
  it('have names', () => {
    expect(press('r')).toBe('r')
    expect(press('?', { shiftKey: true })).toBe('?')
    expect(press('k', { ctrlKey: true })).toBe('Ctrl k')
    expect(press('K', { metaKey: true })).toBe('Ctrl k')
    expect(press('Enter', { ctrlKey: true })).toBe('Ctrl Enter')
    expect(press('Escape')).toBe('Esc')
    expect(press('Shift')).toBe('')
  })
})

describe('sequences', () => {
  const known = ['g r', 'g h', 'r', '?']

  it('are found after their last press', () => {
    expect(follow('', 'g', known)).toEqual({ pressed: 'g', hit: undefined })
    expect(follow('g', 'r', known)).toEqual({ pressed: '', hit: 'g r' })
    expect(follow('', 'r', known)).toEqual({ pressed: '', hit: 'r' })
  })

  it('start anew with a wrong press', () => {
    expect(follow('g', '?', known)).toEqual({ pressed: '', hit: '?' })
    expect(follow('g', 'g', known)).toEqual({ pressed: 'g', hit: undefined })
    expect(follow('g', 'x', known)).toEqual({ pressed: '', hit: undefined })
  })
})

describe('where a key is pressed', () => {
  const [page, dialog, field] = [{ dialog: false, field: false, control: false }, { dialog: true, field: false, control: false }, { dialog: false, field: true, control: false }]

  it('decides whether it is heard', () => {
    expect([page, field, dialog].map((where) => isHeard({ keys: 'j' }, where))).toEqual([true, false, false])
    expect(isHeard({ keys: 'Enter' }, { ...page, control: true })).toBe(false)
  })

  it('is behind a dialog: then not even Ctrl Enter starts anything', () => {
    const run = { keys: 'Ctrl Enter', inFields: true }
    expect([page, field, dialog, { ...dialog, field: true }].map((where) => isHeard(run, where))).toEqual([true, true, false, false])
    expect(isHeard({ keys: 'Ctrl k', inDialogs: true }, { ...dialog, field: true })).toBe(true)
  })
})
