/** The time that relative times are counted from: one timer for all of them. */

import { ref } from 'vue'

export const now = ref(Date.now())
setInterval(() => {
  // Tests without a page have no document.
  if (!globalThis.document?.hidden) now.value = Date.now()
}, 1000)
