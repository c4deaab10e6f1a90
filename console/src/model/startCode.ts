/** A start as code that does the same: with curl, and with Python's own library. */

export interface StartCall {
  /** `/api/v1/jobs/script`. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Members whose values are never shown. */
const SECRET = 'YOUR SECRET'

/** Return the body as it is shown: without what is not set, secrets replaced. */
export function shownBody(call: StartCall): Record<string, unknown> {
  const entries = Object.entries(call.body).filter(([, value]) => value !== undefined && value !== '' && value !== null)
  const isSecret = (name: string) => name === 'params' && call.body['sensitive_params'] === true
  return Object.fromEntries(entries.map(([name, value]) => [name, isSecret(name) ? SECRET : value]))
}

/** Return a start as a command for a shell; its body is read from a here-document, which no shell looks into or cuts. */
export function asCurl(call: StartCall, origin: string): string {
  const body = JSON.stringify(shownBody(call), null, 2)
  return [`curl -sS '${origin}${call.path}' \\`, '  -H "Authorization: Bearer $JOBFLEET_TOKEN" \\', "  -H 'Content-Type: application/json' \\", "  --data-binary @- <<'JOBFLEET'", body, 'JOBFLEET', ''].join('\n')
}

/** Return a start as a program. */
export function asPython(call: StartCall, origin: string): string {
  return [
    'import json, os, urllib.request',
    '',
    `body = ${pythonOf(shownBody(call))}`,
    'request = urllib.request.Request(',
    `    ${JSON.stringify(origin + call.path)},`,
    '    data=json.dumps(body).encode(),',
    '    headers={"Authorization": "Bearer " + os.environ["JOBFLEET_TOKEN"], "Content-Type": "application/json"},',
    ')',
    'print(json.load(urllib.request.urlopen(request))["job_id"])',
  ].join('\n')
}

function pythonOf(value: unknown, indent = ''): string {
  const inner = `${indent}    `
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  if (Array.isArray(value)) return value.length ? `[\n${value.map((one) => `${inner}${pythonOf(one, inner)},\n`).join('')}${indent}]` : '[]'
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${pythonOf(one, inner)},\n`)
    return `{\n${members.join('')}${indent}}`
  }
  return JSON.stringify(value)
}
