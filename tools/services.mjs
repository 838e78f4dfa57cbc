/** `npm run services`: builds what is missing or stale, then runs the command. */
import { pathToFileURL } from 'node:url';
import { buildStack, install, mainOf } from './setup.mjs';

install();
buildStack();
await import(pathToFileURL(mainOf('processes')).href);
