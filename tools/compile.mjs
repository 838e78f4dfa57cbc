/** The Nx target `compile`. */
import { build } from './setup.mjs';

build();
