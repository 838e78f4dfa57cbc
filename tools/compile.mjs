/** What the target `compile` of Nx runs. */
import { build } from './setup.mjs';

build();
