/** The files that one host gets or sends. */
export default {
  search: 'Search the files',
  export: 'Export CSV',
  region: 'Files of the host',
  empty: 'This host moves no files',
  noMatch: 'No file like this',
  status: 'Status',
  file: 'File',
  progress: 'Progress',
  speed: 'Speed',
  sum: 'SHA-256',
  rate: '{size}/s',
  server: 'server',
  more: 'Show {count} more',
  state: { pulling: 'Pulling', waiting: 'Waiting', uploading: 'Uploading', downloading: 'Downloading', finished: 'Finished', failed: 'Failed' },
}
