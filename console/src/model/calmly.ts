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

/** Return work that is begun when it is not under way, and otherwise once more after it: what was asked for meanwhile is never missed, and nothing is thrown away for it. */
export function oneAtATime(work: () => unknown): () => Promise<void> {
  let [isOn, isWanted] = [false, false]
  return async () => {
    isWanted = true
    if (isOn) return
    isOn = true
    try {
      while (isWanted) {
        isWanted = false
        await work()
      }
    } finally {
      isOn = false
    }
  }
}
