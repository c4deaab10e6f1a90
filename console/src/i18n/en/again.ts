export default {
  title: 'Your session has ended', text: 'What you have written is still here. Sign in as {name} again to go on.', password: 'Password', go: 'Sign in', provider: 'Single sign-on in another tab', elsewhere: 'I have signed in elsewhere',
}
