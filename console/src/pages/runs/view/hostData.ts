/** The hosts of a step, as the page shows them; live/hosts.ts keeps them. */

export { useHosts, type StepHosts } from '@/live/hosts'
