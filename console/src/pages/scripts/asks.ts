/** What the pages of scripts ask, with the keys under which answers are kept. */

import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import type { Need } from '@/app/may'

export type ScriptView = components['schemas']['ScriptView']
export type VersionView = components['schemas']['VersionView']
export type ScriptUses = components['schemas']['ScriptUseList']

export const LANGUAGES = ['shell', 'bat', 'perl', 'python', 'powershell', 'sql'] as const
export type LanguageName = (typeof LANGUAGES)[number]

/** Return what it takes to change scripts of a scope, or the public ones. */
export const managing = (scope: string): Need => (scope === 'public' ? 'manage_public_script_instance' : 'manage_script')

/** Names of languages are the same in every language. */
export const LANGUAGE_WORDS: Readonly<Record<string, string>> = {
  shell: 'Shell', bat: 'Bat', perl: 'Perl', python: 'Python', powershell: 'PowerShell', sql: 'SQL',
}

export const languageOptions = LANGUAGES.map((value) => ({ value, label: LANGUAGE_WORDS[value] ?? value }))

export const scriptAsk = (script_id: string) => ({
  queryKey: ['scripts', 'one', script_id],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET('/api/v1/scripts/{script_id}', { params: { path: { script_id } }, signal })),
})

export const versionsAsk = (script_id: string) => ({
  queryKey: ['scripts', 'versions', script_id],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET('/api/v1/scripts/{script_id}/versions', { params: { path: { script_id } }, signal })),
})

export const versionAsk = (script_id: string, version_id: number) => ({
  queryKey: ['scripts', 'version', script_id, version_id],
  queryFn: ({ signal }: { signal: AbortSignal }) => (
    ask(api.GET('/api/v1/scripts/{script_id}/versions/{version_id}', { params: { path: { script_id, version_id } }, signal }))
  ),
})

export const usesAsk = (script_id: string) => ({
  queryKey: ['scripts', 'uses', script_id],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET('/api/v1/scripts/{script_id}/uses', { params: { path: { script_id } }, signal })),
})

export const tagsAsk = (scope: string) => ({
  queryKey: ['tags', scope, 'all'],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(api.GET('/api/v1/tags', { params: { query: { scope, length: 1000 } }, signal })),
})
