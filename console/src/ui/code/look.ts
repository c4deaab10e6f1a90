/** How the editor looks: the tokens of the page, which reach into its shadow root. */

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--term-text)' },
  { tag: [tags.comment, tags.meta], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.special(tags.variableName), tags.labelName, tags.definition(tags.variableName)], color: 'var(--ask-text)' },
  { tag: [tags.standard(tags.name), tags.typeName, tags.className], color: 'var(--run-text)' },
])

const frame = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--sunk)', color: 'var(--muted)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)', color: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': { backgroundColor: 'var(--chosen) !important' },
  '.cm-matchingBracket': { outline: '1px solid var(--accent)', backgroundColor: 'transparent !important' },
  '.cm-panels, .cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line-strong)' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button': { fontFamily: 'var(--font)', color: 'var(--text)', backgroundColor: 'var(--surface)', backgroundImage: 'none', border: '1px solid var(--line-strong)', borderRadius: '3px' },
  '.cm-searchMatch': { backgroundColor: 'var(--ask-soft)', outline: '1px solid var(--ask)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--run-soft)' },
  '.cm-diagnostic': { fontFamily: 'var(--font)', padding: '6px 10px', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--fail)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--ask)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--run)' },
  '.cm-diagnosticSource': { color: 'var(--muted)', opacity: '1', fontSize: '12px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--ask)' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecoration: 'underline dotted var(--run)' },
  '.cm-lint-marker': { width: '14px', height: '14px', textAlign: 'center', fontWeight: '700', lineHeight: '14px' },
  '.cm-lint-marker-error': { content: 'normal', color: 'var(--fail-text)' },
  '.cm-lint-marker-warning': { content: 'normal', color: 'var(--ask-text)' },
  '.cm-lint-marker-info': { content: 'normal', color: 'var(--run-text)' },
  '.cm-lint-marker-error::before': { content: '"✕"' },
  '.cm-lint-marker-warning::before': { content: '"!"' },
  '.cm-lint-marker-info::before': { content: '"i"' },
})

export const look = [frame, syntaxHighlighting(colours)]
