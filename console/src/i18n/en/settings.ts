export default {
  title: 'Settings', about: 'A change counts for the next request on every server. Runs that were accepted stay as they are. What belongs to one server stands in its file.', value: 'Value', change: 'Change', changeOf: 'Change {name}', reset: 'To the default',
  saved: 'Setting saved', setBy: 'Set by {who}', isDefault: 'Default', default: 'default: {value}', empty: 'none', trail: 'Changes', wrong: 'This is no value for it.', limits: 'From {least} to {most}',
  hint: { text: 'A text', number: 'A whole number', list: 'One entry a line', table: 'One a line: biz:2 = 3600' },
  nothing: { callback_urls: 'Anywhere', second_person_hosts: 'No start needs one', job_list_max_start: 'As deep as wanted' },
  names: {
    account_name_linux: 'How Linux accounts may be named', account_name_windows: 'How Windows accounts may be named', account_name_database: 'How MySQL, Oracle and DB2 accounts may be named',
    account_name_postgresql: 'How PostgreSQL accounts may be named', callback_urls: 'Where callbacks may go', max_timeout_s: 'Longest time limit of a step, seconds', scope_max_timeout_s: 'Longest time limit in single businesses, seconds',
    upload_allowed_suffixes: 'Ends of names that uploads must have', upload_forbidden_suffixes: 'Ends of names that uploads may not have', second_person_hosts: 'On more hosts than this a start needs a second person', job_list_max_start: 'How deep a page of the list of jobs may begin',
  },
}
