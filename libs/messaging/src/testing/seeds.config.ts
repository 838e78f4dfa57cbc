import process from 'node:process';

/** The seeds 1, 2, … of a test that repeats a random run: `all` of them with `FAULTS=full`, otherwise a `few`. */
export const seeds = (few: number, all: number): readonly number[] =>
  Array.from({ length: process.env['FAULTS'] === 'full' ? all : few }, (_, i) => i + 1);
