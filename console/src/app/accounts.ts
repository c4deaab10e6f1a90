/** The accounts of the scope that one may choose from. */

import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useScope } from './scope'

type Account = components['schemas']['AccountView']

/** How an account is called in a list to choose from. */
export const labelOf = ({ alias, account, type }: Account) => (alias === account ? `${alias} · ${type}` : `${alias} (${account}) · ${type}`)

/** Return the accounts of a category, undefined until they are told. */
export function useAccounts(category: () => 'system' | 'database') {
  const scope = useScope()
  const query = useQuery({
    queryKey: computed(() => ['accounts', scope.value.text, category(), 'choice']),
    queryFn: () => ask(api.GET('/api/v1/accounts', { params: { query: { scope: scope.value.text, category: category(), length: 1000 } } })),
    staleTime: 60_000,
  })
  return computed(() => query.data.value?.accounts)
}
