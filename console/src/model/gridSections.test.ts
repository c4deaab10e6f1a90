import { describe, expect, test } from 'vitest'
import { byBatch } from './gridSections'

describe('sections', () => {
  test('are the batches, and the order stays within each', () => {
    const cut = byBatch(Uint32Array.of(4, 0, 3, 1, 2), [1, 2, 1, 2, 1])
    expect([...cut.order]).toEqual([4, 0, 2, 3, 1])
    expect(cut.sections).toEqual([{ label: 'b1', count: 3 }, { label: 'b2', count: 2 }])
  })

  test('are one without batches, and with nothing to show', () => {
    expect(byBatch(Uint32Array.of(1, 0), [0, 0]).sections).toEqual([{ label: '', count: 2 }])
    expect(byBatch(new Uint32Array(), []).sections).toEqual([{ label: '', count: 0 }])
  })
})
