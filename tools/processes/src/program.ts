import { fileURLToPath } from 'node:url';

/** The file in `dist` that runs a program of this repository (`order`, `all-in-one`, `processes`), all that it needs in it. */
export const programOf = (name: string): string =>
  fileURLToPath(new URL(`../../../dist/${name}.js`, import.meta.url));
