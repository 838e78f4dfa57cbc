import { fileURLToPath } from 'node:url';

/** The file in `dist` that runs a program of this repository, such as `order` or `processes`, with all of its dependencies. */
export const programOf = (name: string): string =>
  fileURLToPath(new URL(`../../../dist/${name}.js`, import.meta.url));
