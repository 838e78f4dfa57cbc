/** When the sources of the system last changed. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './suites.mjs';

/** The latest modification time of all sources of the running system, in milliseconds since the epoch. */
export function newestSource() {
  const folders = ['libs', 'libs/brokers', 'services', 'sandboxes'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(root, kind, name, 'src')),
  );
  const more = [
    'tools/stack/src',
    'tools/processes/src',
    'e2e/invariants',
    'web/console',
    'web/events',
    'web/live',
    'web/shop',
    'web/lib',
    'web/runbooks',
    'docs/runbooks',
  ];
  const how = [
    'package-lock.json',
    'swc.config.js',
    'tools/bundle.mjs',
    'tools/launch.mjs',
    'tools/build-web.mjs',
    'tools/runbook-page.mjs',
    'web/vite.config.js',
    'web/pages.json',
  ];
  return Math.max(
    ...[...folders, ...[...more, ...how].map((path) => join(root, path))].map(newestIn),
  );
}

/** The latest modification time of a file, or of anything in a folder. */
export function newestIn(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestIn(join(path, name))),
    stat.mtimeMs,
  );
}
