import { describe, expect, it } from 'vitest'
import { afterSending, emptyFiles, emptySource, fileCall, filesFromDraft, missingOfFiles, withSending, type FileForm } from './fileForm'

const form: FileForm = {
  ...emptyFiles(),
  targetPath: ' /data/ ',
  targets: ['10.0.0.1'],
  downloadLimitMib: 2,
  sources: [
    { ...emptySource('host', 0), paths: '/a\n /b \n', hosts: ['10.0.0.2'], account: 'root' },
    { ...emptySource('upload', 1), uploads: [{ name: 'x.tgz', sizeBytes: 5, path: 'up/x.tgz' }] },
    { ...emptySource('source', 2), paths: 'bucket/c', fileSource: 'cos' },
  ],
}

describe('the form of files', () => {
  it('says what is missing', () => {
    expect(missingOfFiles(emptyFiles())).toEqual(['sources', 'targetPath', 'targets'])
    expect(missingOfFiles(form)).toEqual([])
    expect(missingOfFiles({ ...form, sources: [...form.sources, emptySource('upload', 3)] })).toEqual(['sources'])
  })

  it('is not complete before the last of its uploads is there', () => {
    const there = { name: 'x', sizeBytes: 1, path: 'up/x' }
    const begun = withSending([there], [{ name: 'y', size: 2, key: 7 }, { name: 'z', size: 3, key: 8 }])
    const missing = (uploads: typeof begun) => missingOfFiles({ ...form, sources: [{ ...emptySource('upload', 3), uploads }] })
    expect(missing(begun)).toEqual(['uploads'])
    const one = afterSending(begun, 7, 'up/y')
    expect(missing(one)).toEqual(['uploads'])
    const both = afterSending(one, 8, undefined)
    expect(both).toEqual([there, { name: 'y', sizeBytes: 2, path: 'up/y' }])
    expect(missing(both)).toEqual([])
  })

  it('keeps one file of those that have the same path, and forgets those that were on their way in a draft', () => {
    const again = afterSending(withSending([{ name: 'x', sizeBytes: 1, path: 'up/x' }], [{ name: 'x', size: 2, key: 1 }]), 1, 'up/x')
    expect(again).toEqual([{ name: 'x', sizeBytes: 2, path: 'up/x' }])
    const draft = { ...form, sources: [{ ...emptySource('upload', 0), uploads: withSending([], [{ name: 'x', size: 2, key: 1 }]) }] }
    expect(filesFromDraft(JSON.parse(JSON.stringify(draft)) as Record<string, unknown>).sources[0]?.uploads).toEqual([])
  })

  it('makes the request', () => {
    expect(fileCall(form, 'biz:2')).toEqual({
      path: '/api/v1/jobs/file',
      body: {
        scope: 'biz:2', targets: ['10.0.0.1'], target_path: '/data/', mode: 'force', download_limit_kib_s: 2048,
        sources: [{ paths: ['/a', '/b'], hosts: ['10.0.0.2'], account: 'root' }, { paths: ['up/x.tgz'] }, { paths: ['bucket/c'], file_source: 'cos' }],
      },
    })
  })

  it('comes back from a draft', () => {
    expect(filesFromDraft(JSON.parse(JSON.stringify(form)) as Record<string, unknown>)).toEqual(form)
    expect(filesFromDraft({ sources: [1], mode: 'odd', targets: 3 })).toEqual(emptyFiles())
  })
})
