/** The run that a page shows; live/run.ts keeps it up to date. */

export { useRun, type Run, type RunAction, type RunBatch, type RunSource, type RunStep } from '@/live/run'
