/** Templates and plans: what the server knows of them. Keys of queries: templates, template, plans, plan, difference, last-run. */

import { useQuery, type QueryClient } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { useRoute } from 'vue-router'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useScope } from '@/app/scope'
import { useWrite } from '@/app/useWrite'

type Schemas = components['schemas']
export type TemplateLine = Schemas['TemplateLine']
export type Template = Schemas['TemplateView']
export type PlanLine = Schemas['PlanLine']
export type Plan = Schemas['PlanView']
export type Difference = Schemas['PlanDifferenceView']
export type Step = Schemas['StepDefinition']

/** Return the template and plan that the address names; 0 for none. */
export function useIds() {
  const route = useRoute()
  return { templateId: computed(() => Number(route.params['templateId'] ?? 0)), planId: computed(() => Number(route.params['planId'] ?? 0)) }
}

/** Return the query of a template; nothing is asked for id 0. */
export function useTemplate(id: Ref<number>) {
  const scope = useScope()
  return reactive(useQuery({
    queryKey: computed(() => ['template', id.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/templates/{template_id}', { params: { path: { template_id: id.value }, query: { scope: scope.value.text } }, signal })),
    enabled: computed(() => id.value > 0),
  }))
}

/** Return the query of a template's plans. */
export function usePlans(templateId: Ref<number>) {
  const scope = useScope()
  return reactive(useQuery({
    queryKey: computed(() => ['plans', scope.value.text, templateId.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/plans', { params: { query: { scope: scope.value.text, template_id: templateId.value, length: 1000 } }, signal })),
    enabled: computed(() => templateId.value > 0),
  }))
}

/** Return the query of a plan; nothing is asked for id 0. */
export function usePlan(id: Ref<number>) {
  const scope = useScope()
  return reactive(useQuery({
    queryKey: computed(() => ['plan', id.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/plans/{plan_id}', { params: { path: { plan_id: id.value }, query: { scope: scope.value.text } }, signal })),
    enabled: computed(() => id.value > 0),
  }))
}

/** Return the query of what synchronising a plan would change. */
export function useDifference(id: Ref<number>) {
  const scope = useScope()
  return reactive(useQuery({
    queryKey: computed(() => ['difference', id.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/plans/{plan_id}/difference', { params: { path: { plan_id: id.value }, query: { scope: scope.value.text } }, signal })),
    enabled: computed(() => id.value > 0),
    staleTime: 0,
  }))
}

/** Return the query of what a plan ran last. */
export function useLastRun(id: Ref<number>) {
  const scope = useScope()
  return reactive(useQuery({
    queryKey: computed(() => ['last-run', id.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/plans/{plan_id}/last-run', { params: { path: { plan_id: id.value }, query: { scope: scope.value.text } }, signal })),
    enabled: computed(() => id.value > 0),
  }))
}

/** Forget what is known of templates, plans and schedules, because something of them was changed. */
export async function forget(client: QueryClient): Promise<void> {
  const keys = ['templates', 'template', 'plans', 'plan', 'difference', 'last-run', 'schedules', 'schedule']
  await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
}

/** Return the ids of one's favourite templates or plans, and the write that adds or removes one. */
export function useStars(kind: 'template' | 'plan' = 'template') {
  const scope = useScope()
  const found = useQuery({
    queryKey: computed(() => ['favourites', scope.value.text]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/favourites', { params: { query: { scope: scope.value.text } }, signal })),
  })
  const stars = computed(() => new Set((found.data.value?.favourites ?? []).filter((one) => one.kind === kind).map((one) => Number(one.id))))
  const toggle = useWrite((id: number) => {
    const body = { scope: scope.value.text, kind, id: String(id) }
    return ask(stars.value.has(id) ? api.POST('/api/v1/favourites/delete', { body }) : api.POST('/api/v1/favourites', { body }))
  }, {
    anyhow: () => [['favourites', scope.value.text], ['home', 'favourites'], ['templates']],
  })
  return { stars, toggle }
}
