/** The editor of scripts. */
export default {
  keys: 'Tab indents. Press Esc and then Tab to leave the editor. F8 goes to the next finding, Ctrl+F searches.',
}
