export default {
  title: 'Tags', new: 'New tag', edit: 'Change the tag', search: 'Find by name', name: 'Name', description: 'Description', scripts: 'Scripts', templates: 'Templates', modifier: 'Changed by', modified: 'Changed', actions: 'Actions',
  none: 'No tags yet', noMatch: 'No tag matches', about: 'Tags mark scripts and templates, so that they are found again.', kept: 'Tag saved', delete: 'Delete', deleted: 'Tag deleted', deleteTitle: 'Delete the tag {name}?',
  deleteText: 'Nothing has it. | It is taken off {n} script or template. | It is taken off {n} scripts and templates.', many: 'Tag {n} thing | Tag {n} things', add: 'Put on', takeOff: 'Take off', changed: 'Tags changed',
}
