/** Where to go on to after signing in: only ever a page of ours. */

/** Return a path of the console, `/` for anything that might lead elsewhere. */
export function ownPath(wanted: string): string {
  const isPath = wanted.startsWith('/') && !wanted.startsWith('//') && !/[\\\u0000-\u001f]/.test(wanted)
  return isPath && !wanted.startsWith('/sign-in') && !wanted.startsWith('/api/') ? wanted : '/'
}
