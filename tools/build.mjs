/** `npm run build`: checks the types and builds everything, after all packages were installed. */
import { runTargets } from './nx.mjs';
import { install } from './setup.mjs';

install();
runTargets('compile');
