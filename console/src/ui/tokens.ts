/** The looks of a status: model/status.ts says which, model/glyphs.ts draws them. */

export type { Token } from '@/model/status'
