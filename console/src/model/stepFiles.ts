// The files of a whole step, as the server tells them: columns, with their texts in one list.

export interface FileColumns {
  readonly task_id: readonly number[]
  readonly host: readonly number[]
  readonly mode: readonly number[]
  readonly source: readonly number[]
  readonly path: readonly number[]
  readonly dest: readonly number[]
  readonly status: readonly number[]
  readonly size_bytes: readonly number[]
  readonly done_bytes: readonly number[]
  readonly speed_kib_s: readonly number[]
  readonly sha256: readonly number[]
  readonly message: readonly number[]
  readonly texts: readonly string[]
}

/** The states of a file, by their numbers. */
export const FILE_STATES = ['pulling', 'waiting', 'uploading', 'downloading', 'finished', 'failed'] as const
export type FileState = (typeof FILE_STATES)[number]
const [FINISHED, FAILED] = [4, 5]

export interface FileRow {
  readonly task: number
  readonly host: string
  readonly isSent: boolean
  /** Empty for the server. */
  readonly source: string
  readonly path: string
  readonly dest: string
  readonly state: FileState
  readonly size: number
  readonly done: number
  readonly speed: number
  /** Empty for a directory, and while nobody knows it. */
  readonly sum: string
  readonly message: string
}

/** Return the n-th file. */
export function fileAt(columns: FileColumns, at: number): FileRow {
  const text = (column: readonly number[]) => columns.texts[column[at] as number] ?? ''
  const state = FILE_STATES[columns.status[at] as number] ?? 'waiting'
  const size = columns.size_bytes[at] as number
  return {
    task: columns.task_id[at] as number, host: text(columns.host), isSent: columns.mode[at] === 0, source: text(columns.source), path: text(columns.path), dest: text(columns.dest), state,
    size, done: state === 'finished' ? size : (columns.done_bytes[at] as number), speed: columns.speed_kib_s[at] as number, sum: text(columns.sha256), message: text(columns.message),
  }
}

/** Return which files are of these tasks (null: of all) and have a text in host, paths, sum or message; in their order. */
export function filesLike(columns: FileColumns, written: string, tasks: ReadonlySet<number> | null): number[] {
  const wanted = written.trim().toLowerCase()
  // A text stands in many files: each is looked into once.
  const has = wanted ? columns.texts.map((one) => one.toLowerCase().includes(wanted)) : []
  const searched = [columns.host, columns.source, columns.path, columns.dest, columns.sha256, columns.message]
  return columns.task_id.flatMap((task, at) => {
    const isMeant = (tasks === null || tasks.has(task)) && (!wanted || searched.some((column) => has[column[at] as number]))
    return isMeant ? [at] : []
  })
}

/** Return the share of a file that is there, from 0 to 1. */
export function shareOf(row: FileRow): number {
  if (row.state === 'finished') return 1
  return row.size > 0 ? Math.min(0.99, row.done / row.size) : 0
}

/** Count the files that are on their way or wait. */
export function openFiles(columns: FileColumns): number {
  return columns.status.filter((one) => one !== FINISHED && one !== FAILED).length
}
