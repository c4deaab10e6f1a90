/** Two texts compared. */
export default {
  same: 'No differences',
  gone: '{count} line only in {name} | {count} lines only in {name}',
  added: '{count} line only in {name} | {count} lines only in {name}',
  rough: 'The two differ too much to be compared line by line to the end',
  region: 'Differences of {left} and {right}',
  folded: '{count} equal line | {count} equal lines',
  isGone: 'removed:',
  isNew: 'added:',
  more: 'Show {count} more',
}
