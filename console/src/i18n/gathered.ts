/** A catalog is put together from files: each is one subject, its name the first part of its keys. */

export interface Catalog {
  [key: string]: string | Catalog
}

/** Return the catalog of the files of a directory, by their paths. */
export function gathered(files: Record<string, { default: Catalog }>): Catalog {
  const named = Object.entries(files).map(([path, file]) => [path.replace(/^.*\/|\.ts$/g, ''), file.default])
  return Object.fromEntries(named) as Catalog
}
