export default {
  title: 'Credentials', new: 'New credential', search: 'Find by name', name: 'Name', type: 'Kind', description: 'Description', changedBy: 'Changed by', changed: 'Changed',
  types: { access_key: 'Access key and secret key', username_password: 'User name and password', password: 'Password', secret_key: 'Secret key' },
  secrets: { access_key: 'Access key', secret_key: 'Secret key', username: 'User name', password: 'Password' },
  none: 'No credentials yet', noMatch: 'No credential matches', about: 'Secrets with which the platform reaches other systems, such as object stores.', writeOnly: 'Secrets are kept encrypted and never shown again.',
  lacks: { name: 'Give the credential a name', secrets: 'Give its secrets' }, kept: 'Credential saved', usedBy: 'Used by', unused: 'Nothing uses it', fileSource: 'File source',
  remove: 'Delete credential', removeTitle: 'Delete the credential {name}?', removeText: 'This cannot be undone.', removed: 'Credential deleted', inUse: 'A file source uses it',
}
