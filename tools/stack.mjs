/** `npm run stack`: builds the stack's package where it is missing or stale, then does what its command line asks. */
import { pathToFileURL } from 'node:url';
import { buildStack, install } from './setup.mjs';

install();
await import(pathToFileURL(buildStack()).href);
