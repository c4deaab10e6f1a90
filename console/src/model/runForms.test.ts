import { describe, expect, it } from 'vitest'
import { fileCall, missingOfFiles } from './fileForm'
import { filesOfStep, scriptOfStep, type RunStep } from './runForms'
import { missingOfScript, scriptCall } from './scriptForm'

type Script = NonNullable<RunStep['script']>
type Source = NonNullable<RunStep['files']>['sources'][number]

const STEP = { step_id: 5, name: 'one', type: 'script', account: 'root', timeout_s: 60, ignore_error: false, target_count: 1, rolling: null, script: null, files: null, approval: null }
const written = (changes: Partial<Script> = {}): RunStep => ({
  ...STEP, script: { language: 'shell', content: 'ls', content_bytes: 2, cut: false, params: '-a', interpreter: '', script_id: '', script_version_id: null, public: false, content_base64: null, ...changes },
})
const sent = (sources: Source[], changes: Partial<NonNullable<RunStep['files']>> = {}): RunStep => ({
  ...STEP, type: 'file', files: { sources, target_path: '/tmp/x/', target_name: '', mode: 'force', upload_limit_kib_s: 0, download_limit_kib_s: 0, ...changes },
})
const source = (kind: string, files: string[], more: Partial<Source> = {}): Source => ({ kind, files, account: '', host_ids: [], title: '', ...more })

describe('the form of a script that a run begins', () => {
  it('is what ran', () => {
    const { form, lost } = scriptOfStep(written(), 7)
    expect([form.script, form.params, form.account, form.targets, lost]).toEqual(['ls', '-a', 'root', ['run:7'], []])
  })

  it('never holds a part of a script, or one that is gone', () => {
    for (const [told, what] of [[{ cut: true }, 'cut'], [{ content: null }, 'script']] as const) {
      const { form, lost } = scriptOfStep(written(told), 7)
      expect(form.script).toBe('')
      expect(missingOfScript(form)).toContain('script')
      expect(lost).toEqual([{ what, names: '' }])
    }
  })

  it('holds the bytes of one that is no UTF-8, and a sign of its own of one that is', () => {
    const { form, lost } = scriptOfStep(written({ content: 'echo \uFFFD', content_base64: 'ZWNobyDE4w==' }), 7)
    expect([form.script, form.bytes, missingOfScript(form).includes('script'), lost]).toEqual(['', 'ZWNobyDE4w==', false, []])
    expect(scriptCall(form, 'biz:2').body).toMatchObject({ script_base64: 'ZWNobyDE4w==', language: 'shell' })
    expect(scriptOfStep(written({ content: 'echo \uFFFD' }), 7).form.script).toBe('echo \uFFFD')
  })

  it('names a kept version, which says the whole of it', () => {
    const { form, lost } = scriptOfStep(written({ cut: true, script_id: 's1', script_version_id: 9 }), 7)
    expect([form.origin, form.versionId, form.script, lost]).toEqual(['saved', 9, '', []])
  })

  it('says that secret arguments have to be written again', () => {
    const { form, lost } = scriptOfStep(written({ params: '******' }), 7)
    expect([form.params, form.sensitive, lost]).toEqual(['', true, [{ what: 'params', names: '' }]])
  })
})

describe('the form of files that a run begins', () => {
  const host = source('host', ['/etc/hosts'], { host_ids: [3], account: 'root' })

  it('is what was sent', () => {
    const { form, lost } = filesOfStep(sent([host], { upload_limit_kib_s: 1536, download_limit_kib_s: 100 }), 7)
    expect([missingOfFiles(form), lost]).toEqual([[], []])
    expect(fileCall(form, 'biz:2').body).toMatchObject({ upload_limit_kib_s: 1536, download_limit_kib_s: 100, sources: [{ paths: ['/etc/hosts'], hosts: ['host:3'], account: 'root' }] })
  })

  it('keeps a row for each source that cannot be had again, and cannot be sent before it is filled', () => {
    const { form, lost } = filesOfStep(sent([host, source('content', ['a.conf', 'b.conf']), source('upload', ['c.tgz']), source('file_source', ['store/bucket/d'], { title: 'store' })]), 7)
    expect(form.sources.map((one) => [one.kind, one.paths, one.uploads.length])).toEqual([['host', '/etc/hosts', 0], ['upload', '', 0], ['upload', '', 0], ['source', 'bucket/d', 0]])
    expect(missingOfFiles(form)).toEqual(['sources'])
    expect(lost).toEqual([{ what: 'content', names: 'a.conf, b.conf' }, { what: 'upload', names: 'c.tgz' }, { what: 'fileSource', names: 'store' }])
  })

  it('says that batches by sources are not made again', () => {
    const { form, lost } = filesOfStep({ ...sent([host]), rolling: { expression: '', mode: 'ignore_failures', parallel: false, wait_ms: 0, random_ms: 0 } }, 7)
    expect([form.rolling.on, lost]).toEqual([false, [{ what: 'batches', names: '' }]])
  })
})
