import process from 'node:process';

/** How many times slower than usual the system may be. */
const factor = Number(process.env['E2E_PATIENCE'] || 1);
if (!(factor > 0)) throw new Error('E2E_PATIENCE is not a number above 0');

/** A deadline in milliseconds, multiplied by `E2E_PATIENCE`. */
export const patient = (ms: number): number => ms * factor;
