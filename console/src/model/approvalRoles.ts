/** The roles that approvals name; they have words in the catalogs, others are shown as they are. */
export const ROLES: readonly string[] = ['viewer', 'operator', 'editor', 'admin', 'JOB_RESOURCE_TRIGGER_USER']
