import process from 'node:process';

/** How often a test repeats a random run: `all` times with `FAULTS=full`, otherwise a `few`. */
export const runs = (few: number, all: number): number =>
  process.env['FAULTS'] === 'full' ? all : few;

/** As `runs`, as the seeds 1, 2, … */
export const seeds = (few: number, all: number): readonly number[] =>
  Array.from({ length: runs(few, all) }, (_, i) => i + 1);
