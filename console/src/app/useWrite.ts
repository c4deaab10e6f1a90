/** A write: it says that it is done, has what it changed asked anew, and shows what it was refused for. */

import { useMutation, useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { toast, toastError } from '@/ui/toast'

export interface After<Out> {
  /** What is to be asked anew. */
  readonly stale?: readonly QueryKey[]
  /** What is said when it is done. */
  readonly done?: string | ((out: Out) => string)
  /** Show the refusal where it belongs instead of in the corner. */
  readonly quiet?: boolean
  then?(out: Out): void
}

/** Return the state of a write and the function that does it; it is not done twice at once. */
export function useWrite<In, Out>(run: (wanted: In) => Promise<Out>, after: After<Out> = {}) {
  const client = useQueryClient()
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: async (out: Out) => {
      const said = typeof after.done === 'function' ? after.done(out) : after.done
      if (said) toast(said, 'ok')
      after.then?.(out)
      await Promise.all((after.stale ?? []).map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError: (error: unknown) => {
      if (!after.quiet) toastError(error)
    },
  })
  return reactive({
    busy: mutation.isPending,
    error: mutation.error,
    reset: mutation.reset,
    run: (wanted: In) => {
      if (!mutation.isPending.value) mutation.mutate(wanted)
    },
  })
}
