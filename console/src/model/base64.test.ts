import { expect, test } from 'vitest'
import { base64Of, bytesOf, textOf } from './base64'

test.each(['', 'echo hello', '作业 ✓\n', 'x'.repeat(100_000), '\ufeffwith a mark'])('a text comes back as it was', (text) => expect(textOf(base64Of(text))).toBe(text))

test('bytes that are no text come back as bytes', () => {
  const bytes = Uint8Array.from([0xff, 0xfe, 0, 1])
  expect(textOf(base64Of(bytes))).toBeUndefined()
  expect([...bytesOf(base64Of(bytes))]).toEqual([...bytes])
})
