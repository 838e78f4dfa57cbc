/** `npm run verify`: all checks that need no running system. Nx skips checks whose inputs have not changed. */
import { runTargets } from './nx.mjs';
import { install } from './setup.mjs';

install();
runTargets('style', 'compile', 'boundaries', 'deployed', 'fresh', 'vulnerabilities');
console.log('\nverified');
