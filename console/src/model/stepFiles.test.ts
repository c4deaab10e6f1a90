import { expect, test } from 'vitest'
import { fileAt, filesLike, openFiles, shareOf, type FileColumns } from './stepFiles'

const columns: FileColumns = {
  task_id: [7, 8, 9], host: [1, 2, 3], mode: [1, 1, 0], source: [3, 0, 3], path: [4, 4, 4], dest: [5, 5, 0], status: [5, 3, 4],
  size_bytes: [100, 100, 100], done_bytes: [40, 100, 0], speed_kib_s: [8, 9, 10], sha256: [7, 7, 0], message: [6, 0, 0],
  texts: ['', '10.0.0.1', '10.0.0.2', '10.0.0.9', '/a/x', '/t/x', 'Disk full', 'cafe01'],
}

test('a file has its texts by their places', () => {
  expect(fileAt(columns, 0)).toEqual({ task: 7, host: '10.0.0.1', isSent: false, source: '10.0.0.9', path: '/a/x', dest: '/t/x', state: 'failed', size: 100, done: 40, speed: 8, sum: 'cafe01', message: 'Disk full' })
  expect(fileAt(columns, 1).source).toBe('')
  expect(fileAt(columns, 2)).toMatchObject({ isSent: true, state: 'finished', done: 100 })
})

test('files are found by host, path, sum and reason, and by their hosts', () => {
  expect(filesLike(columns, 'CAFE', null)).toEqual([0, 1])
  expect(filesLike(columns, 'disk FULL', null)).toEqual([0])
  expect(filesLike(columns, '10.0.0.9', null)).toEqual([0, 2])
  expect(filesLike(columns, '/t/', new Set([8]))).toEqual([1])
  expect(filesLike(columns, ' ', null)).toEqual([0, 1, 2])
})

test('what is not over is never whole', () => {
  expect([0, 1, 2].map((at) => shareOf(fileAt(columns, at)))).toEqual([0.4, 0.99, 1])
  expect(openFiles(columns)).toBe(1)
})
