export default {
  find: { part: '{shown} of {total}. Type to find the others.' },
  server: 'Server:',
}
