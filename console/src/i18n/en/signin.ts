export default {
  title: 'Sign in', password: 'Password', go: 'Sign in', provider: 'Sign in with single sign-on', or: 'or', ended: 'Your session has ended. Sign in again to go on where you were.',
  needed: 'Give name and password.',
}
