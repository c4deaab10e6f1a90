/** A write: it says that it is done, has what it changed asked anew, and shows what it was refused for. */

import { useMutation, useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { reactive } from 'vue'
import { toast, toastError } from '@/ui/toast'

type Keys = readonly QueryKey[]

export interface After<In, Out> {
  /** What is to be asked anew. */
  readonly stale?: Keys | ((wanted: In) => Keys)
  /** What is to be asked anew even when it was refused. */
  readonly anyhow?: Keys | ((wanted: In) => Keys)
  /** What is said when it is done. */
  readonly done?: string | ((out: Out) => string)
  /** Show the refusal where it belongs instead of in the corner. */
  readonly quiet?: boolean
  then?(out: Out, wanted: In): unknown
  /** What is said of a refusal, where the usual words are not enough. */
  refused?(error: unknown, wanted: In): void
  /** It was done or refused. */
  over?(wanted: In): unknown
}

/** Return the state of a write and the function that does it; it is not done twice at once. */
export function useWrite<In, Out>(run: (wanted: In) => Promise<Out>, after: After<In, Out> = {}) {
  const client = useQueryClient()
  const askAnew = (keys: After<In, Out>['stale'], wanted: In) => Promise.all((typeof keys === 'function' ? keys(wanted) : (keys ?? [])).map((queryKey) => client.invalidateQueries({ queryKey })))
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: async (out: Out, wanted: In) => {
      const said = typeof after.done === 'function' ? after.done(out) : after.done
      if (said) toast(said, 'ok')
      await after.then?.(out, wanted)
      await askAnew(after.stale, wanted)
    },
    onError: (error: unknown, wanted: In) => {
      if (after.refused) after.refused(error, wanted)
      else if (!after.quiet) toastError(error)
    },
    onSettled: async (_out: Out | undefined, _error: unknown, wanted: In) => {
      await after.over?.(wanted)
      await askAnew(after.anyhow, wanted)
    },
  })
  return reactive({
    data: mutation.data,
    busy: mutation.isPending,
    error: mutation.error,
    /** What is being done, or was done last. */
    wanted: mutation.variables,
    reset: mutation.reset,
    run: (wanted: In) => {
      if (!mutation.isPending.value) mutation.mutate(wanted)
    },
  })
}
