/** SQL for the editor: the words that dialects share. The modes that are shipped bring thousands of words and cost more than all the others. */

import type { StreamParser } from '@codemirror/language'

const WORDS =
  /^(?:add|all|alter|and|as|asc|begin|between|by|call|case|cast|check|column|commit|constraint|create|cross|database|declare|default|delete|desc|describe|distinct|drop|else|end|exists|explain|fetch|for|foreign|from|full|function|grant|group|having|if|in|index|inner|insert|into|is|join|key|left|like|limit|lock|not|offset|on|or|order|outer|primary|procedure|references|rename|replace|returning|revoke|right|rollback|select|set|show|start|table|then|to|transaction|trigger|truncate|union|unique|update|use|using|values|view|when|where|with)\b/i

interface State {
  /** Within a comment of several lines. */
  inside: boolean
}

export const sql: StreamParser<State> = {
  name: 'sql',
  startState: () => ({ inside: false }),
  token(stream, state) {
    if (state.inside) {
      state.inside = !stream.match(/^.*?\*\//)
      if (state.inside) stream.skipToEnd()
      return 'comment'
    }
    if (stream.eatSpace()) return null
    if (stream.match('/*')) {
      state.inside = true
      return 'comment'
    }
    if (stream.match(/^(?:--|#).*/)) return 'comment'
    if (stream.match(/^'(?:[^']|'')*'?/)) return 'string'
    if (stream.match(/^(?:"[^"]*"?|`[^`]*`?)/)) return 'variableName.special'
    if (stream.match(/^\d+(?:\.\d+)?\b/)) return 'number'
    if (stream.match(/^(?:null|true|false)\b/i)) return 'atom'
    if (stream.match(WORDS)) return 'keyword'
    if (stream.match(/^\w+/)) return null
    stream.next()
    return null
  },
  languageData: { commentTokens: { line: '--', block: { open: '/*', close: '*/' } } },
}
