import type { Environment } from './read-settings.ts';

/** The environment of the process; only the `main.ts` of a service reads it, through `runService`. */
export const processEnvironment = (): Environment => ({ ...process.env });
