/** What all parts of a run's page share: the run, the step that is looked at, and the address. */

import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import { useRoute, type RouteLocationRaw } from 'vue-router'
import { useQuery, type Query } from '@/app/useQuery'
import { useRun, type Run, type RunSource, type RunStep } from '@/live/run'
import { STEP_PARAMS } from './address'

export interface RunPage {
  readonly jobId: ComputedRef<number>
  readonly stepId: ComputedRef<number | undefined>
  readonly source: RunSource
  readonly run: ComputedRef<Run | undefined>
  readonly step: ComputedRef<RunStep | undefined>
  readonly address: Query<typeof STEP_PARAMS>
  /** Where another step is shown; the choice of hosts does not go with it. */
  toStep(stepId: number, query?: Record<string, string>): RouteLocationRaw
}

const KEY: InjectionKey<RunPage> = Symbol('run page')

/** Make what the parts of a run's page share, for them to take by `useRunPage`. */
export function provideRunPage(): RunPage {
  const route = useRoute()
  const number = (name: string) => computed(() => (route.params[name] === undefined ? undefined : Number(route.params[name])))
  const jobId = computed(() => Number(route.params['jobId']))
  const stepId = number('stepId')
  const source = useRun(jobId)
  const run = computed(() => source.run.value)
  const page: RunPage = {
    jobId,
    stepId,
    source,
    run,
    step: computed(() => run.value?.steps.find((step) => step.id === stepId.value)),
    address: useQuery(STEP_PARAMS, ['attempt', 'host']),
    toStep: (id, query = {}) => ({
      name: 'runs.step',
      params: { ...route.params, stepId: id },
      query: { ...query, ...(route.query['embed'] === '1' ? { embed: '1' } : {}) },
    }),
  }
  provide(KEY, page)
  return page
}

/** Return what the page above has made. */
export function useRunPage(): RunPage {
  const page = inject(KEY)
  if (!page) throw new Error('no run page above')
  return page
}
