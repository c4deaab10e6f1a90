// Work that many ask for and that is done once for all of them, at most so often.

export interface Calm {
  /** Ask for it: it is done after a pause, once for all who ask meanwhile. */
  soon(): void
  /** Do it no more. */
  stop(): void
}

/** Return work that is done at most once in `pauseMs`, and at most `pauseMs` after it was asked for. */
export function calmly(work: () => void, pauseMs: number): Calm {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    soon: () => {
      timer ??= setTimeout(() => {
        timer = undefined
        work()
      }, pauseMs)
    },
    stop: () => clearTimeout(timer),
  }
}
