export default {
  title: 'Rule hits', platformTitle: 'Detection records', action: 'Effect', actions: { intercept: 'Blocked', scan: 'Recorded' }, rule: 'Rule', ruleId: 'Rule id', line: 'Line', who: 'Who', became: 'Became',
  refused: 'refused', none: 'No hits', about: 'When a script meets a dangerous rule, it is kept here: the rule, the script at that moment, the person.',
  script: 'Script at that moment', showScript: 'Show the script at line {line}', scriptGone: 'The script is no longer kept', part: '{shown} of {all} lines, around the one that was hit', hitHere: 'Hit here:',
}
