/** The types of accounts; their names are the same in every language. */

export const SYSTEM_TYPES = ['linux', 'windows'] as const
export const DATABASE_TYPES = ['mysql', 'postgresql', 'oracle', 'db2'] as const
export type AccountType = (typeof SYSTEM_TYPES)[number] | (typeof DATABASE_TYPES)[number]

export const TYPE_WORDS: Readonly<Record<string, string>> = {
  linux: 'Linux', windows: 'Windows', mysql: 'MySQL', postgresql: 'PostgreSQL', oracle: 'Oracle', db2: 'DB2',
}

export const USUAL_PORTS: Readonly<Record<string, number>> = { mysql: 3306, postgresql: 5432, oracle: 1521, db2: 50_000 }

/** Whether an account of a type is one of a database. */
export function isDatabase(type: string): boolean {
  return (DATABASE_TYPES as readonly string[]).includes(type)
}
