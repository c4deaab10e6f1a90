export default { set: 'Set. It is never shown.', going: 'Is taken away when you save', replace: 'Replace', take: 'Take away', keep: 'Keep it' }
