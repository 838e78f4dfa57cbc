/** Installs the packages that are still missing, for scripts that run one of them. */
import { install } from './setup.mjs';

install();
