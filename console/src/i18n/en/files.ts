export default {
  title: 'Files', uploads: 'Uploaded files', sources: 'File sources', search: 'Find by name or person', name: 'Name', size: 'Size', checksum: 'SHA-256', copySum: 'Copy the checksum', uploadedBy: 'Uploaded by',
  uploaded: 'Uploaded', keptUntil: 'Goes', keptByTemplate: 'kept: a template has it', upload: 'Upload files', sending: 'Uploading', sent: 'Uploaded', none: 'No uploaded files', noMatch: 'No file matches',
  about: 'Drop files here, or choose some. Jobs and templates send them to hosts; they are kept for seven days, and longer while a template or plan has them.',
  lacks: { code: 'Give the code', name: 'Give the name', endpoint: 'Give the address', credential: 'Choose the credential' },
  source: {
    new: 'New file source', name: 'Name', code: 'Code', codeHint: 'A letter, then letters, digits and _; it cannot be changed.', state: 'State', on: 'On', off: 'Off', endpoint: 'Address', endpointHint: 'The root of an S3 object store: https://s3.example.com',
    region: 'Region', bucket: 'Bucket', bucketHint: 'The only one to use; any if left out.', anyBucket: 'any', shared: 'Shared with', withAll: 'everybody', of: 'shared by {scope}', changed: 'Changed', credential: 'Credential',
    choose: 'Choose…', noKeys: 'There is no credential with an access key.', makeKey: 'Make one', prefix: 'Prefix of file names', prefixHint: "In front of the names at the targets; {'${UUID}'} is a new text each time.", enabled: 'Steps may use it',
    public: 'Every business may use it', sharedWith: 'Businesses that may use it too', none: 'No file sources yet', about: 'Object stores that files come from.', kept: 'File source saved',
    foreign: 'It belongs to {scope} and is only shared: it cannot be changed here.', remove: 'Delete file source', removeTitle: 'Delete the file source {name}?', removeText: 'Steps that still name it fail when they start.', removed: 'File source deleted',
  },
  check: { title: 'Try it out', path: 'Directory', pathHint: 'bucket/directory/', go: 'Connect', reached: 'Reached', failed: 'Not reached', more: 'and more', empty: 'Nothing is there.' },
}
