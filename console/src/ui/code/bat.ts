/** Batch files for the editor: nobody ships a mode for them. */

import type { StreamParser } from '@codemirror/language'

const WORDS = /^(?:call|cd|chdir|cls|copy|choice|del|dir|echo|endlocal|erase|exist|exit|for|goto|if|in|do|else|md|mkdir|move|net|not|pause|popd|pushd|rd|reg|ren|rename|rmdir|sc|set|setlocal|shift|start|taskkill|title|type|ver|xcopy|errorlevel|defined|equ|neq|lss|leq|gtr|geq)\b/i

/** A line at a time: comments, labels, words, variables, strings. */
export const bat: StreamParser<null> = {
  name: 'bat',
  startState: () => null,
  token(stream) {
    if (stream.sol() && stream.match(/^\s*@?(?:rem(?=\s|$)|::).*/i)) return 'comment'
    if (stream.sol() && stream.match(/^\s*:\w+/)) return 'labelName'
    if (stream.eatSpace()) return null
    if (stream.match(/^"[^"]*"?/)) return 'string'
    if (stream.match(/^(?:%%?~?\w+%?|!\w+!)/)) return 'variableName.special'
    if (stream.match(/^\d+\b/)) return 'number'
    if (stream.match(WORDS)) return 'keyword'
    if (stream.match(/^\w+/)) return null
    stream.next()
    return null
  },
  languageData: { commentTokens: { line: 'rem ' } },
}
