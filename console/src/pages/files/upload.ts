/** Sending a file to the server: an address is made for it, and its bytes are sent there once. */

import { api, ask, base, headers } from '@/api/client'
import { errorOf } from '@/api/error'

/** Send files one after the other; `told` hears which one is on its way and how much of all there is (0 to 1). */
export async function upload(scope: string, files: readonly File[], told: (name: string, share: number) => void): Promise<void> {
  const { uploads } = await ask(api.POST('/api/v1/uploads', { body: { scope, names: files.map((one) => one.name) } }))
  const all = files.reduce((sum, one) => sum + one.size, 0)
  let sent = 0
  for (const file of files) {
    const place = uploads.find((one) => one.name === file.name)
    if (!place) continue
    told(file.name, all ? sent / all : 1)
    const answer = await fetch(`${base}${place.address.replace(/^\//, '')}`, { method: 'PUT', body: file, headers: headers('PUT') })
    if (!answer.ok) throw await errorOf(answer)
    sent += file.size
  }
}
