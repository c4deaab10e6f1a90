/** How the states of files look. */

import type { FileState } from '@/model/stepFiles'
import type { Token } from '@/ui/tokens'

export const FILE_TOKENS: Readonly<Record<FileState, Token>> = { finished: 'ok', failed: 'fail', waiting: 'wait', pulling: 'run', uploading: 'run', downloading: 'run' }
