import process from 'node:process';
import type { Environment } from '@waybill/service';

/** What this process was given; the only place that reads it. */
export const givenEnvironment = (): Environment => ({ ...process.env });
