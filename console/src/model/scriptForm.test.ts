import { describe, expect, it } from 'vitest'
import { emptyScript, missingOfScript, previewBody, scriptCall, scriptDraft, scriptFromDraft } from './scriptForm'

const filledIn = { ...emptyScript(), script: 'hostname', targets: ['10.0.0.1'] }

describe('the form of a script', () => {
  it('says what is missing', () => {
    expect(missingOfScript(emptyScript())).toEqual(['script', 'targets'])
    expect(missingOfScript(filledIn)).toEqual([])
    expect(missingOfScript({ ...filledIn, language: 'sql' })).toEqual(['dbAccount'])
    expect(missingOfScript({ ...filledIn, origin: 'saved' })).toEqual(['script'])
  })

  it('makes the request of a script', () => {
    const form = { ...filledIn, name: ' x ', account: 'root', params: 'a', rolling: { ...filledIn.rolling, on: true, expression: ' 1  50% ' } }
    expect(scriptCall(form, 'biz:2')).toEqual({
      path: '/api/v1/jobs/script',
      body: { scope: 'biz:2', targets: ['10.0.0.1'], name: 'x', script: 'hostname', language: 'shell', params: 'a', account: 'root', rolling: { expression: '1 50%', on_failure: 'pause' } },
    })
  })

  it('makes the request of SQL', () => {
    const call = scriptCall({ ...filledIn, language: 'sql', script: 'select 1', dbAccount: 'db' }, 'biz:2')
    expect(call).toEqual({ path: '/api/v1/jobs/sql', body: { scope: 'biz:2', targets: ['10.0.0.1'], sql: 'select 1', db_account: 'db' } })
    expect(previewBody(call)).toEqual({ sql: call.body })
  })

  it('runs the kept SQL that is shown, not what was written before', () => {
    const form = { ...filledIn, script: 'DELETE FROM written;', origin: 'saved' as const, language: 'sql' as const, versionId: 7, dbAccount: 'db' }
    expect(scriptCall(form, 'biz:2')).toEqual({ path: '/api/v1/jobs/sql', body: { scope: 'biz:2', targets: ['10.0.0.1'], script_version_id: 7, db_account: 'db' } })
  })

  it('names a version instead of its text', () => {
    expect(scriptCall({ ...filledIn, origin: 'saved', versionId: 7 }, 'biz:2').body).toEqual({ scope: 'biz:2', targets: ['10.0.0.1'], script_version_id: 7 })
  })
})

describe('a draft', () => {
  it('gives the form back, but never a secret', () => {
    const form = { ...filledIn, timeoutS: 60, params: 'hunter2', rolling: { ...filledIn.rolling, on: true } }
    expect(scriptFromDraft(scriptDraft(form))).toEqual(form)
    const secret = { ...form, sensitive: true }
    expect(JSON.stringify(scriptDraft(secret))).not.toContain('hunter2')
    expect(scriptFromDraft(scriptDraft(secret))).toEqual({ ...secret, params: '' })
  })

  it('of another shape is an empty form', () => {
    expect(scriptFromDraft({ targets: 'x', timeoutS: '5', rolling: [], language: 'cobol', name: 7 })).toEqual(emptyScript())
  })
})
