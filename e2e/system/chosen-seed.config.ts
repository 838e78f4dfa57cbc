import process from 'node:process';

/** `SEED` repeats a run; without it each run has its own. Printed in the names of the tests that use it. */
export const chosenSeed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
