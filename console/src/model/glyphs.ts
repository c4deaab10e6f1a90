// The outlines of status glyphs, drawn in a box of 16 × 16: one source for the page (SVG) and for the grid (canvas).

export type Glyph = 'check' | 'cross' | 'play' | 'pause' | 'dash' | 'ring' | 'stop' | 'skip' | 'question'

// Strokes, not fills, so that one line width reads well from 9 px to 28 px; `play` and `stop` are closed outlines.
export const OUTLINES: Readonly<Record<Glyph, string>> = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4 12 12 M12 4 4 12',
  play: 'M5.5 3.5 12 8 5.5 12.5 Z',
  pause: 'M5.5 3.5 V12.5 M10.5 3.5 V12.5',
  dash: 'M3.5 8 H12.5',
  ring: 'M13 8 A5 5 0 1 1 3 8 A5 5 0 1 1 13 8 Z',
  stop: 'M4.5 4.5 H11.5 V11.5 H4.5 Z',
  skip: 'M4 3.5 8.5 8 4 12.5 M9 3.5 13.5 8 9 12.5',
  question: 'M5.5 6 A2.5 2.5 0 1 1 8 8.5 V10 M8 12.4 V12.6',
}
