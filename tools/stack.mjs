/** `npm run stack`: builds the stack tool when it is missing or stale, then runs the command. */
import { pathToFileURL } from 'node:url';
import { buildStack, install } from './setup.mjs';

install();
await import(pathToFileURL(buildStack()).href);
