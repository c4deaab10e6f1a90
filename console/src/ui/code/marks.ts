/** Lines that differ from what they are compared with: a bar in the gutter. */

import { RangeSet, StateEffect, StateField, type Text } from '@codemirror/state'
import { Decoration, EditorView, gutter, GutterMarker } from '@codemirror/view'
import type { CodeMark } from './words'

class Bar extends GutterMarker {
  constructor(readonly kind: CodeMark['kind']) {
    super()
  }

  override eq(other: Bar): boolean {
    return other.kind === this.kind
  }

  override toDOM(): Node {
    const bar = document.createElement('div')
    bar.className = `cm-mark cm-mark-${this.kind}`
    return bar
  }
}

const setMarks = StateEffect.define<readonly CodeMark[]>()
const marked = StateField.define<readonly CodeMark[]>({
  create: () => [],
  update: (value, change) => change.effects.reduce((now, effect) => (effect.is(setMarks) ? effect.value : now), value),
})

const places = (doc: Text, marks: readonly CodeMark[]) =>
  marks.filter((mark) => mark.line >= 1 && mark.line <= doc.lines).map((mark) => ({ mark, from: doc.line(mark.line).from })).sort((a, b) => a.from - b.from)

/** Show a gutter for marks. */
export const marksShown = [
  marked,
  gutter({
    class: 'cm-marks',
    markers: (view) => RangeSet.of(places(view.state.doc, view.state.field(marked)).map(({ mark, from }) => new Bar(mark.kind).range(from))),
  }),
  EditorView.decorations.compute([marked, 'doc'], (state) =>
    Decoration.set(places(state.doc, state.field(marked)).map(({ mark, from }) => Decoration.line({ class: `cm-marked-${mark.kind}` }).range(from))),
  ),
]

/** Return what tells an editor its marks. */
export function marking(marks: readonly CodeMark[]) {
  return setMarks.of(marks)
}
