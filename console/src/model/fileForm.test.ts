import { describe, expect, it } from 'vitest'
import { emptyFiles, emptySource, fileCall, filesFromDraft, missingOfFiles, type FileForm } from './fileForm'

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
    const waiting = { ...emptySource('upload', 3), uploads: [{ name: 'y', sizeBytes: 1, path: '' }] }
    expect(missingOfFiles({ ...form, sources: [...form.sources, waiting] })).toEqual(['sources'])
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
