/** The panes that show one host, or all outputs; each is loaded when it is looked at. */

import { defineAsyncComponent, type Component } from 'vue'
import { PANES, type Pane } from './address'

const files = import.meta.glob<{ default: Component }>('../panes/{Log,Outputs,Diff,Files,Why}Pane.vue')

function loaderOf(pane: Pane): (() => Promise<{ default: Component }>) | undefined {
  return files[`../panes/${pane[0]?.toUpperCase() ?? ''}${pane.slice(1)}Pane.vue`]
}

export const panes: ReadonlyMap<Pane, Component> = new Map(PANES.flatMap((pane) => {
  const load = loaderOf(pane)
  return load ? [[pane, defineAsyncComponent(load)] as const] : []
}))
