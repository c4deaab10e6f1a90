/** Where the links of BK-JOB lead here. Source: docs/reference/console.md, «Links of BK-JOB». */

import { pathOfScope } from './scope'

/** Return the address of a run, or of a step when one is named; attempt and batch are kept. */
export function placeOfRun(scope: string, jobId: number, stepInPath: string, query: Readonly<Record<string, unknown>>): string {
  const number = (name: string) => {
    const text = String(query[name] ?? '')
    return /^\d+$/.test(text) && text !== '0' ? text : ''
  }
  const step = stepInPath || number('stepInstanceId')
  if (!step) return `${pathOfScope(scope)}/runs/${jobId}`
  // Their retries and our attempts both count from 0.
  const retries = String(query['retryCount'] ?? query['executeCount'] ?? '')
  const attempt = /^\d+$/.test(retries) ? retries : ''
  const kept = new URLSearchParams(Object.entries({ attempt, batch: number('batch') }).filter(([, value]) => value))
  const text = kept.toString()
  return `${pathOfScope(scope)}/runs/${jobId}/steps/${step}${text && `?${text}`}`
}

/** Return the address of a plan. */
export function placeOfPlan(place: { scope: string; template_id: number }, planId: number): string {
  return `${pathOfScope(place.scope)}/jobs/${place.template_id}/plans/${planId}`
}
