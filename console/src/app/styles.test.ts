import { expect, it } from 'vitest'

// Styles are global: a page must not look otherwise because of what was visited before it.
const files = import.meta.glob<string>('../**/*.{vue,css}', { eager: true, query: '?raw', import: 'default' })

/** Looks of ui/ that templates put on plain elements: the browser's own controls look like ours by them. */
const LOOKS = new Set(['button', 'field', 'input', 'menu', 'panel', 'table-box', 'table-pages', 'tag', 'blast-actions'])
const EVERYWHERE = /\/base\.css$/

const nameOf = (path: string) => path.replace(/^.*\//, '')
const parts = (text: string, tag: string) => [...text.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))].map((found) => found[1] ?? '').join('\n')

/** The classes that a file's rules begin with; `h3` and the like for those that begin with none. */
function beginnings(path: string, text: string): string[] {
  const css = (path.endsWith('.css') ? text : parts(text, 'style')).replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/@(media|container|supports|keyframes)[^{]*\{/g, '')
  const selectors = [...css.matchAll(/([^{}]+)\{/g)].flatMap((found) => (found[1] ?? '').split(/,(?![^(]*\))/)).map((one) => one.trim())
  return selectors.filter((one) => !/^(from|to|\d+%|:root)$/.test(one)).map((one) => /^(?::root\[[^\]]*\]\s*)?[a-z]*\.([\w-]+)/.exec(one)?.[1] ?? one)
}

/** The classes that a template may put on elements. */
function used(text: string): Set<string> {
  const template = /<template>[^]*<\/template>/.exec(text)?.[0] ?? ''
  const plain = [...template.matchAll(/[\s]class="([^"]*)"/g)].flatMap((found) => (found[1] ?? '').split(/\s+/))
  const bound = [...template.matchAll(/:class="([^"]*)"/g)].flatMap((found) => [...(found[1] ?? '').matchAll(/'([\w-]+)'|([\w-]+):/g)].map((one) => one[1] ?? one[2] ?? ''))
  return new Set([...plain, ...bound])
}

const owners = new Map<string, Set<string>>()
for (const [path, text] of Object.entries(files)) for (const one of beginnings(path, text)) owners.set(one, (owners.get(one) ?? new Set()).add(path))

it('rules of components begin with a class', () => {
  expect(owners.size).toBeGreaterThan(100)
  const bare = [...owners].filter(([one, paths]) => !/^[\w-]+$/.test(one) && ![...paths].every((path) => path.endsWith('.css')))
  expect(bare.map(([one, paths]) => `${one} in ${[...paths].join(', ')}`)).toEqual([':root[data-theme=\'dark\'] in ../pages/runs/view/HostGrid.vue'])
})

it('no two files have rules that begin with the same class', () => {
  const shared = [...owners].filter(([one, paths]) => /^[\w-]+$/.test(one) && [...paths].filter((path) => !EVERYWHERE.test(path)).length > 1)
  expect(shared.map(([one, paths]) => `${one} in ${[...paths].join(', ')}`)).toEqual([])
})

it('a class that begins rules is put on elements by the same file, or by those that import its sheet', () => {
  const borrowed = Object.entries(files).flatMap(([path, text]) => [...used(text)].flatMap((one) => {
    const from = [...(owners.get(one) ?? [])].filter((owner) => owner !== path && !EVERYWHERE.test(owner) && !(owner.endsWith('.css') && text.includes(`/${nameOf(owner)}'`)))
    return from.length && !LOOKS.has(one) && !owners.get(one)?.has(path) ? [`${one} of ${from.join(', ')} in ${path}`] : []
  }))
  expect(borrowed).toEqual([])
})
