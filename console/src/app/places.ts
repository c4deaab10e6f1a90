/** What a subject declares of its pages; `pages/<subject>/routes.ts` exports a list of these by `export default`. */

import type { RouteComponent } from 'vue-router'

export type Group = 'work' | 'assets' | 'governance' | 'platform'

export interface Place {
  /** `scope`: below /biz/ID or /biz_set/ID; `platform`: below /platform; `own`: signed in, about oneself; `root`: signed in, below `/`; `open`: for anybody. */
  readonly at: 'scope' | 'platform' | 'own' | 'root' | 'open'
  /** Without a slash at its beginning: `runs/:jobId(\\d+)`. */
  readonly path: string
  /** `<subject>.<word>`; a menu entry is lit while the page's name begins with its subject. */
  readonly name: string
  /** Key of the catalogs: the title of the page's tab. */
  readonly title: string
  readonly component: () => Promise<RouteComponent | { default: RouteComponent }>
  /** `order`: 10, 20, … as in console/README.md; `match`: other beginnings of names that light it. */
  readonly menu?: { readonly group: Group; readonly order: number; readonly label: string; readonly match?: readonly string[] }
  /** A sequence of keys that opens it from anywhere: `g r`. */
  readonly keys?: string
  /** Whether `?embed=1` shows it without the frame around it. */
  readonly embeds?: boolean
}

const files = import.meta.glob<{ default: readonly Place[] }>('../pages/*/routes.ts', { eager: true })

export const places: readonly Place[] = Object.values(files).flatMap((file) => file.default)
