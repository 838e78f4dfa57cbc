import process from 'node:process';

/** `SEED` repeats a run; by default each run has its own seed. Tests that use it print it in their names. */
export const chosenSeed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
