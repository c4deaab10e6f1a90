/** How long to wait before trying again. */

const LEAST_MS = 500
const MOST_MS = 15_000

/** Return a pause of 0.5 to 15 seconds that doubles with each try, and of which half is chance, so that not all come at once. */
export function pauseMs(tries: number, chance: number): number {
  const whole = Math.min(MOST_MS, LEAST_MS * 2 ** Math.min(tries, 10))
  return Math.max(LEAST_MS, Math.round(whole / 2 + (whole / 2) * chance))
}
