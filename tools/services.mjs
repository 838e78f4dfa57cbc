/** `npm run services`: builds what is missing or stale, then does what its command line asks. */
import { pathToFileURL } from 'node:url';
import { builtMain } from './built.mjs';

await import(pathToFileURL(builtMain('processes')).href);
