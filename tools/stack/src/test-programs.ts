import { type Missing, sayMissing } from './missing.ts';
import { installerHere, installPackages } from './packages.ts';
import { findProgram } from './programs.ts';

/** Programs that some tests need besides servers. */
const programs = {
  browser: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    missing: { what: 'Chromium', apt: ['chromium'], brew: ['chromium'] },
  },
  prometheus: {
    names: ['prometheus'],
    missing: { what: 'Prometheus', apt: ['prometheus'], brew: ['prometheus'] },
  },
  promtool: {
    names: ['promtool'],
    missing: { what: 'promtool', apt: ['prometheus'], brew: ['prometheus'] },
  },
  python: {
    names: ['pip3'],
    missing: { what: 'Python 3 with pip', apt: ['python3', 'python3-pip'], brew: ['python3'] },
  },
} satisfies Record<string, { names: readonly string[]; missing: Missing }>;
export type TestProgram = keyof typeof programs;

/** The path of a program; undefined if it is not installed. */
export const testProgram = (name: TestProgram): string | undefined =>
  findProgram(...programs[name].names);

/** The programs that a spec file needs: a browser in `e2e/pages` and with `browser` in its name, Python, or Prometheus. */
export const testProgramsOf = (path: string): TestProgram[] => [
  ...(/\/e2e\/pages\/|\.browser\./.test(`/${path}`) ? (['browser'] as const) : []),
  ...(/\.prometheus\./.test(path) ? (['prometheus', 'promtool'] as const) : []),
  ...(/\.python\./.test(path) ? (['python'] as const) : []),
];

/** Why spec files cannot run here, by the program that is missing; empty when all is installed. */
export const missingPrograms = (
  names: readonly TestProgram[],
): { readonly program: TestProgram; readonly reason: string }[] =>
  names
    .filter((program) => testProgram(program) === undefined)
    .map((program) => ({
      program,
      reason: sayMissing(programs[program].missing, installerHere()),
    }));

/** Installs programs with apt; throws when it cannot. */
export const installPrograms = (
  names: readonly TestProgram[],
  progress: (line: string) => void,
): Promise<void> =>
  installPackages(
    names.map((name) => programs[name].missing),
    progress,
  );
