/** `npm run build`: checks the types and builds everything, after all packages were installed. */
import { build, install } from './setup.mjs';

install();
build();
