/** Scopes as the API writes them: `biz:2`, `biz_set:9991001`. */

/** Return how addresses of a scope begin: `biz:2` gives `/biz/2`; empty for what is no scope. */
export function pathOfScope(scope: string): string {
  const [kind, id] = scope.split(':')
  return kind && id ? `/${kind}/${id}` : ''
}
