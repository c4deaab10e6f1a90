/** The editor of scripts. */
export default {
  keys: 'Tab indents. Press Esc and then Tab to leave the editor. F8 goes to the next finding, Ctrl+F searches.',
  ends: { lf: 'LF', crlf: 'CRLF', mixed: 'LF and CRLF', title: 'How its lines end', label: 'Lines end in {now}: change that', turn: 'How its lines end. Press to have all end in {to}.' },
  bytes: {
    note: 'No UTF-8 ({size}). It is kept and run byte for byte, as it is; this is how it reads in', unsure: 'Not all of it can be read so.', encoding: 'Encoding', turn: 'Turn into UTF-8 and edit', download: 'Download',
    lossy: 'It cannot be turned into UTF-8: not every byte can be read in this encoding', large: 'The file is larger than a script may be (16 MiB).', empty: 'The file is empty.', turned: 'Turned from {encoding} into UTF-8',
  },
}
