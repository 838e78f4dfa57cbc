/** `npm run verify`: everything that can be checked without running the system. What has not changed is not checked again. */
import { runTargets } from './nx.mjs';
import { install } from './setup.mjs';

install();
runTargets('style', 'compile', 'boundaries', 'deployed', 'fresh', 'vulnerabilities');
console.log('\nverified');
