/** The spec files of a suite, without starting jest. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './suites.mjs';

const projects = ['libs', 'services', 'sandboxes', 'e2e', 'bench', 'tools'];

/** Paths relative to the root of the repository, with `/`. */
export function specFilesOf(suite) {
  const only = new RegExp(suite.only);
  const not = suite.not.map((pattern) => new RegExp(pattern));
  return projects
    .flatMap((project) => specsBelow(join(root, project)))
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter((file) => only.test(`/${file}`) && !not.some((pattern) => pattern.test(`/${file}`)));
}

function specsBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return ['node_modules', 'dist'].includes(entry.name) ? [] : specsBelow(path);
    }
    return entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}
