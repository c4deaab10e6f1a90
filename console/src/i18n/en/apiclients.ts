export default {
  title: 'API clients', ownTokens: 'My personal tokens', make: 'New API client', none: 'No API clients yet', about: 'Programs call the BlueKing API with a code and a secret.', only: 'Only {code}',
  code: 'Code', codeHint: 'Letters, digits, _ . -; it stays as it is.', description: 'Description', state: 'State', on: 'Enabled', off: 'Disabled', trusted: 'User', names: 'names its user', namesNot: 'needs a user’s token',
  trustedHint: 'It may name the user that it acts for', scopes: 'Businesses', scopesHint: 'It is kept to these, whatever its users may do elsewhere.', allScopes: 'all', rate: 'Rate', rateHint: 'Empty: the installation’s rate. 0: no limit.',
  usual: 'usual', anyRate: 'unlimited', perSecond: '{n}/s', perSecondUnit: 'requests a second', used: 'Last used', secretAt: 'Secret made', editTitle: 'API client {code}',
  rotate: 'Rotate secret', disable: 'Disable', enable: 'Enable', secret: 'The secret', once: 'Copy it now: it is shown only once and cannot be found again.',
  done: { disable: 'API client disabled', enable: 'API client enabled', change: 'API client changed' },
  ask: { rotate: 'Give {code} another secret?', disable: 'Disable {code}?' },
  effect: { rotate: 'The secret that it has is worthless at once. Programs need the new one.', disable: 'All that it asks is refused at once.' },
}
