import process from 'node:process';
import type { Environment } from '@waybill/service';

/** The environment of this process; the only place that reads it. */
export const givenEnvironment = (): Environment => ({ ...process.env });
