/** `npm run build`: installs all packages, then checks the types and builds everything. */
import { runTargets } from './nx.mjs';
import { install } from './setup.mjs';

install();
runTargets('compile');
