/** `npm run pictures`: takes the pictures of the README, by the tests of the pages that check them. */
import { join } from 'node:path';
import process from 'node:process';
import { root } from './suites.mjs';

process.env.PICTURES_FOLDER = join(root, 'docs', 'pictures');
process.argv.push('pages', '-t', 'for the README');
await import('./test.mjs');
