/** The editor itself; loaded when one is shown. It lives in a shadow root, where its own styles are no inline styles. */

import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, nextDiagnostic, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import type { LineEnds } from '@/model/lineEnds'
import { languageOf } from './languages'
import { look } from './look'
import type { CodeFinding, CodeLanguage, CodeWords } from './words'

export interface Options {
  readonly parent: HTMLElement
  readonly text: string
  readonly ends: LineEnds
  readonly language: CodeLanguage
  readonly readonly: boolean
  readonly words: CodeWords
  onChange(text: string): void
  onSubmit(): void
}

export interface Editor {
  /** Show another text, or the same one with lines that end in another way. */
  setText(text: string, ends: LineEnds): void
  setLanguage(language: CodeLanguage): void
  setReadonly(on: boolean): void
  setWords(words: CodeWords): void
  setFindings(findings: readonly CodeFinding[]): void
  goTo(line: number): void
  /** Take the focus; `at` is where writing goes on, counted in characters with one for each break of a line. */
  focus(at?: number): void
  destroy(): void
}

/** Make an editor in an element. */
export function createEditor(options: Options): Editor {
  const root = options.parent.shadowRoot ?? options.parent.attachShadow({ mode: 'open' })
  const language = new Compartment()
  const access = new Compartment()
  const words = new Compartment()
  const separator = new Compartment()
  let ends = options.ends
  // The editor parts lines at any break and joins them by line feeds.
  const textIn = (state: EditorState) => (ends === 'crlf' ? state.doc.toString().replaceAll('\n', '\r\n') : state.doc.toString())
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [...basics(options), separator.of(separatorOf(ends)), EditorView.updateListener.of((update) => { if (update.docChanged) options.onChange(textIn(update.state)) }), language.of(languageOf(options.language)), access.of(accessOf(options.readonly)), words.of(wordsOf(options.words))],
    }),
  })
  let findings: readonly CodeFinding[] = []
  const show = () => view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, findings)))
  return {
    setText: (text, told) => {
      if (told !== ends) view.dispatch({ effects: separator.reconfigure(separatorOf(told)) })
      ends = told
      if (text !== textIn(view.state)) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    setLanguage: (name) => view.dispatch({ effects: language.reconfigure(languageOf(name)) }),
    setReadonly: (on) => view.dispatch({ effects: access.reconfigure(accessOf(on)) }),
    setWords: (told) => view.dispatch({ effects: words.reconfigure(wordsOf(told)) }),
    setFindings: (told) => {
      findings = told
      show()
    },
    goTo: (line) => {
      const at = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines))).from
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
      view.focus()
    },
    focus: (at) => {
      if (at !== undefined) view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) } })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}

function basics(options: Options): Extension[] {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of('    '),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: true }),
    lintGutter(),
    look,
    // Esc and then Tab leaves the editor: CodeMirror lets Tab move on for two seconds after Esc.
    keymap.of([
      { key: 'Mod-Enter', run: () => (options.onSubmit(), true), preventDefault: true },
      { key: 'F8', run: nextDiagnostic },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
    EditorView.domEventHandlers({ beforeinput: replaceSelected }),
  ]
}

/**
 * Replace what is selected by what is typed ourselves. Chromium would keep the look of the replaced text by an inline style, which the policy
 * of the page forbids and reports.
 */
function replaceSelected(event: Event, view: EditorView): boolean {
  const { main } = view.state.selection
  if (!(event instanceof InputEvent) || event.inputType !== 'insertText' || event.isComposing || event.data === null || main.empty || view.state.readOnly) return false
  const text = event.data
  event.preventDefault()
  const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true })
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, text, insert))) view.dispatch(insert())
  return true
}

/** Where lines end in more than one way, only feeds part them: returns stay what they are, in sight, and what is pasted brings none. */
function separatorOf(ends: LineEnds): Extension {
  return ends === 'mixed' ? [EditorState.lineSeparator.of('\n'), EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n'))] : []
}

function accessOf(readonly: boolean): Extension {
  return readonly ? [EditorState.readOnly.of(true), EditorView.editable.of(true)] : []
}

function wordsOf(words: CodeWords): Extension {
  return EditorView.contentAttributes.of({ 'aria-label': words.label, 'aria-description': words.hint })
}

function diagnosticsOf(state: EditorState, findings: readonly CodeFinding[]): Diagnostic[] {
  return findings
    .filter((one) => one.line >= 1 && one.line <= state.doc.lines)
    .map((one) => {
      const line = state.doc.line(one.line)
      const indent = line.text.length - line.text.trimStart().length
      return { from: line.from + indent, to: line.to, severity: one.level, message: one.text, ...(one.source ? { source: one.source } : {}) }
    })
}
