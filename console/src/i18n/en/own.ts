export default {
  password: {
    title: 'Change password', old: 'Current password', new: 'New password', again: 'New password again', differ: 'The two are not the same.', rule: 'At least 8 characters, 4 of them different.',
    go: 'Change password', done: 'Password changed. Your other sessions have ended.',
  },
  tokens: {
    title: 'Personal tokens', about: 'For programs that work for you. A token does what you may do, up to its role.', none: 'No tokens yet', make: 'New token', name: 'Name', role: 'Role',
    viewer: 'Viewer', operator: 'Operator', editor: 'Editor', admin: 'Administrator', life: 'Ends after', days: '{n} days', made: 'Made', ends: 'Ends', used: 'Last used', state: 'State',
    good: 'Valid', revoked: 'Revoked', ended: 'Ended', revoke: 'Revoke', revokeTitle: 'Revoke the token {name}?', revokeText: 'Programs that use it are refused at once.', revokedNow: 'Token revoked',
    once: 'Copy it now: it is shown only once.', shown: 'Your new token', actions: 'Actions',
  },
}
