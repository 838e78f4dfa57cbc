/** Installs the packages that are still missing; npm scripts call it first. */
import { install } from './setup.mjs';

install();
