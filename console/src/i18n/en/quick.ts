/** Quick runs: scripts, SQL and files. */
export default {
  menu: 'Quick run',
  kinds: { label: 'What to run', script: 'Script', file: 'Files' },
  script: {
    title: 'Quick run · script', label: 'Script', template: 'Template', open: 'Open file…', tall: 'More room for the script',
    choose: 'Choose a script', version: 'Version', content: 'Content of the script',
  },
  file: {
    title: 'Quick run · files', path: 'Target path', pathHint: 'Always a directory. What variables become is shown beside.', pathExample: '/data/releases/', variables: 'Variables:', mode: 'Mode',
    rename: 'Rename to', renameHint: 'its own name', upload: 'Source limit', download: 'Target limit',
  },
  name: 'Name', nameHint: 'named by the time', clear: 'Clear', seconds: 's', mib: 'MiB/s', timeout: 'Time limit',
  draft: { others: 'No draft | One draft | {count} drafts', untitled: 'without a name', saving: 'saving the draft…', saved: 'draft saved', failed: 'the draft is not saved' },
  origins: { write: 'Write', saved: 'Saved', public: 'Public' },
  languages: { label: 'Language', shell: 'Shell', python: 'Python', perl: 'Perl', powershell: 'PowerShell', bat: 'Bat', sql: 'SQL' },
  versions: { online: 'online', offline: 'offline' },
  params: { label: 'Arguments', hint: 'as on a command line', sensitive: 'Secret', secret: 'Written only: not shown again, not kept in drafts.' },
  account: { label: 'Account', database: 'Database account', usual: 'The usual one', choose: 'Choose an account' },
  targets: {
    label: 'Targets', placeholder: 'Paste IPs, host ids, names, ranges, or write set=… module=…', edit: 'Press to edit', more: '{count} more', topology: 'Topology…', clear: 'Remove all',
    summary: 'no host | {hosts} host, {ready} ready | {hosts} hosts, {ready} ready',
  },
  reasons: {
    malformed: 'cannot be read', unknown_host: 'no such host', unknown_group: 'no such dynamic group', unknown_node: 'no such node, or no host below it', unknown_run: 'no such run',
    unknown_key: 'no such kind of node', unknown_container: 'no such container', no_host: 'names no host here',
  },
  findings: {
    unresolved: '{count} text names nothing | {count} text names nothing | {count} texts name nothing', foreign: '{count} host of another business | {count} host of another business | {count} hosts of other businesses',
    offline: '{count} host is not connected | {count} host is not connected | {count} hosts are not connected', duplicates: '{count} host is named twice | {count} host is named twice | {count} hosts are named twice',
    cut: '{shown} of {total} are shown',
  },
  fixes: { unresolved: 'Remove', foreign: 'Leave out', offline: 'Leave out', duplicates: 'Name once' },
  topology: { title: 'Choose from the topology', search: 'Search by name', cut: 'Only the first 10,000 nodes are shown.', none: 'The inventory has no such node.', groups: 'Dynamic groups', rule: 'by rule', open: 'Open {name}', close: 'Close {name}' },
  rolling: {
    label: 'Rolling', on: 'In batches', expression: 'Batches', failed: 'When a batch fails', parallel: 'Start batches by the clock, each after', wait: 'Seconds between batches', wrong: 'Cannot read {part}: use 10, 20%, +5 or *2, parted by blanks.',
    modes: { pause: 'pause', go_on: 'go on', ask: 'ask each time' }, words: { pause: 'a failed batch pauses', go_on: 'failures are passed over', ask: 'each batch is asked for' }, parallelWords: 'batches start by the clock',
    parts: { count: '{number} host | {number} host | {number} hosts', percent: '{number} % of all', plus: '{number} more than before', times: '{number} times as many as before' }, then: ', then ', repeats: '; the last part repeats',
  },
  lost: {
    cut: 'The script of the run is too long to be edited here: it is left out.', script: 'The script of the run is not kept any more.',
    params: 'The secret arguments of the run are not shown: write them again.', content: 'Contents that came with the request are not at hand ({names}): upload the files, or remove the source.',
    upload: 'Uploaded files have to be uploaded again ({names}).', fileSource: 'Choose the file source again ({names}).', batches: 'The run was cut into batches by its sources; here it has none.',
  },
  missing: { script: 'a script', targets: 'targets', dbAccount: 'a database account', rolling: 'batches', sources: 'sources of files', uploads: 'files that are still being sent', targetPath: 'a target path' },
  preview: {
    title: 'What will happen', fresh: 'looking…', missing: 'Still needed:', hosts: 'no host | {count} host | {count} hosts', ready: '{count} ready', as: 'as {account} on {systems}, at most {time}', approval: 'waits for a person to confirm',
    batches: '{count} batch | {count} batch | {count} batches', rules: 'Dangerous lines', landings: 'Where files land', uploads: 'uploads', usual: 'usually {time} ({runs} earlier run, {longest} at most) | usually {time} ({runs} earlier run, {longest} at most) | usually {time} ({runs} earlier runs, {longest} at most)',
    quota: { system: '{running} of {limit} runs of the installation are taken', scope: '{running} of {limit} runs of this scope are taken', app: '{running} of {limit} runs of the application are taken' },
  },
  away: {
    offline: '{count} offline', none: '{count} without an agent', invalid: '{count} never run', show: 'Show', hide: 'Hide', leave: 'Leave them out',
    state: { offline: 'offline', none: 'no agent', invalid: 'cannot run' },
  },
  systems: { linux: 'Linux', windows: 'Windows', aix: 'AIX', solaris: 'Solaris' },
  rules: { block: 'line {line}: {rule} blocks', warn: 'line {line}: {text}', record: 'line {line}: {rule} is only recorded' },
  lint: { blocks: 'A dangerous rule blocks this', records: 'A dangerous rule records this', line: 'Line {line}', more: 'and {n} more | and {n} more | and {n} more' },
  blast: { medium: 'Look twice.', high: 'Much could break.' },
  blastReasons: {
    hosts: '{value} hosts', account: 'as {value}', production: '{value} production hosts | {value} production host | {value} production hosts',
    rule: '{value} dangerous lines | {value} dangerous line | {value} dangerous lines',
  },
  code: { title: 'The same by API', curl: 'curl', python: 'Python' },
  run: { verb: 'Run', on: 'Run | Run on {count} host | Run on {count} hosts', looking: 'Looking what it would do…', blocked: 'A dangerous rule blocks this script.', refused: 'It would be refused.' },
  confirm: { title: 'Run this?' },
  second: {
    needed: 'A second person has to approve this start.', rule: 'blocked by “{value}”', hosts: 'many hosts | {value} host | {value} hosts', nobody: 'Nobody may let it pass: change the script.', ask: 'Ask approval',
    explain: 'Somebody else who may approve starts looks at the script and at what will happen. When they approve, it starts as you.', who: 'It can be approved by {names}, for example. The notifications of this business say who is told of it by mail or hook; on their pages it shows at once.', reason: 'Why it is needed', send: 'Ask', asked: 'Asked; it starts when somebody approves',
  },
  modes: { force: 'Force', strict: 'Strict', safe_by_ip: 'A directory each source', safe_by_date: 'A directory each source and day' },
  modeWords: {
    force: 'Makes the directory where it is missing, and writes over files that are there.', strict: 'Fails where the directory is missing; writes over files that are there.',
    safe_by_ip: 'Each source gets a directory of its own, named by its address.', safe_by_date: 'Each source gets a directory of its own, named by day and address.',
  },
  files: { same_name: '{path} is sent by several: {sources}. The last one stays.', same_place: '{path} would be written over itself on {sources}.' },
  sources: {
    label: 'Sources', addUpload: '+ Upload', addHost: '+ From hosts', addSource: '+ From a file source', kinds: { upload: 'Uploaded files', host: 'Files on hosts', source: 'Objects of a file source' }, remove: 'Remove source {number}',
    hosts: 'Source hosts', paths: 'Paths, one a line', pathsHint: 'A path that ends with / is a whole directory; * and ? stand for letters.', objectsHint: 'Bucket and object, one a line.', account: 'Read as', source: 'File source',
    choose: 'Choose a file source', pick: 'Choose files…', drop: 'or drop them here', drop1: 'Remove {name}', sending: 'Sending {name}',
  },
}
