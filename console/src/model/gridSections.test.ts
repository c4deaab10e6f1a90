import { describe, expect, test } from 'vitest'
import { byBatch, cutBy, uncut } from './gridSections'

describe('sections', () => {
  test('are the batches, and the order stays within each', () => {
    const cut = byBatch(Uint32Array.of(4, 0, 3, 1, 2), [1, 2, 1, 2, 1])
    expect([...cut.order]).toEqual([4, 0, 2, 3, 1])
    expect(cut.sections).toEqual([{ label: 'b1', count: 3 }, { label: 'b2', count: 2 }])
  })

  test('are named by who cuts, lowest number first, and nothing is cut where nobody does', () => {
    const cut = cutBy(Uint32Array.of(2, 1, 0), [1, 0, 1], (number) => ['front', 'elsewhere'][number] ?? '')
    expect([...cut.order]).toEqual([1, 2, 0])
    expect(cut.sections).toEqual([{ label: 'front', count: 1 }, { label: 'elsewhere', count: 2 }])
    expect(uncut(Uint32Array.of(2, 1)).sections).toEqual([{ label: '', count: 2 }])
  })

  test('are one without batches, and with nothing to show', () => {
    expect(byBatch(Uint32Array.of(1, 0), [0, 0]).sections).toEqual([{ label: '', count: 2 }])
    expect(byBatch(new Uint32Array(), []).sections).toEqual([{ label: '', count: 0 }])
  })
})
