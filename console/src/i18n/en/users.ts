export default {
  title: 'Users and roles', people: 'People', allowed: 'What roles allow', make: 'New user', makeAbout: 'A new user has no role: give one next.', name: 'Name', on: 'Enabled', off: 'Disabled', roles: 'Roles', signIn: 'Signing in',
  byPassword: 'password', noWay: 'cannot sign in', noRole: 'No role', platform: 'Platform', roleIn: '{role} · {where}', role: { viewer: 'Viewer', operator: 'Operator', editor: 'Editor', admin: 'Administrator' },
  password: 'Password', passwordHint: 'Empty: only single sign-on lets them in. At least 8 characters, 4 of them different.', language: 'Language', languages: { zh: '中文', en: 'English' }, made: 'User made', passwordSet: 'The user was there; the password is set',
  person: 'User {name}', gone: 'There is no such user', trail: 'What they did', where: 'Where', roleName: 'Role', choose: 'Choose a place', grant: 'Give role', granted: 'Role given', revoke: 'Take away', revokeOf: 'Take away {role} in {where}', revoked: 'Role taken away',
  from: { provider: 'from single sign-on', declared: 'from the declared state' }, notSelf: 'Not to yourself', unlock: 'Forget wrong passwords', endSessions: 'Sign out everywhere', enable: 'Enable', disable: 'Disable',
  done: { disable: 'User disabled', enable: 'User enabled', unlock: 'Wrong passwords forgotten', 'end-sessions': 'Signed out everywhere' },
  ask: { disable: 'Disable {name}?', 'end-sessions': 'Sign {name} out everywhere?' }, effect: { disable: 'They are signed out and let in no more; their tokens are refused. What runs goes on.', 'end-sessions': 'All their sessions and sign-ins end. Personal tokens stay.' },
  first: 'The first {n} of {total} are shown.', in: { scope: 'In a business or business set', platform: 'On the platform' }, action: 'Permission', may: 'allowed', mayNot: 'not allowed',
}
