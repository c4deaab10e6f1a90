import { describe, expect, it } from 'vitest'
import { asCurl, asPython, shownBody } from './startCode'

const call = { path: '/api/v1/jobs/script', body: { scope: 'biz:2', script: "echo 'hi'\n", params: 'hunter2', sensitive_params: true, account: '', start: true, timeout_s: undefined } }

describe('a start as code', () => {
  it('never shows a secret, nor what is not set', () => {
    expect(shownBody(call)).toEqual({ scope: 'biz:2', script: "echo 'hi'\n", params: 'YOUR SECRET', sensitive_params: true, start: true })
  })

  it('quotes for the shell', () => {
    const text = asCurl(call, 'https://jobs.example')
    expect(text).toContain("'https://jobs.example/api/v1/jobs/script'")
    expect(text).toContain(`<<'JOBFLEET'\n{`)
    expect(text).toContain(`"script": "echo 'hi'\\n"`)
    expect(text).not.toContain('hunter2')
  })

  it('writes values as Python does', () => {
    const text = asPython(call, 'https://jobs.example')
    expect(text).toContain('"start": True,')
    expect(text).toContain(`"script": "echo 'hi'\\n",`)
  })
})
