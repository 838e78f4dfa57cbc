import type { Environment } from './read-settings.ts';

/** The environment of the process; only `main.ts` of a service gets it, by `runService`. */
export const processEnvironment = (): Environment => ({ ...process.env });
