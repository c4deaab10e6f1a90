export default { title: 'Link', gone: 'What this link names is gone, or you may not see it' }
