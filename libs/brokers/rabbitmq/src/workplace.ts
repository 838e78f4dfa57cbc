import type { Link } from './link.ts';
import type { Names } from './names.ts';
import type { Settings } from './rabbitmq-options.ts';
import type { Topology } from './topology.ts';

/** What the parts of the adapter work with: one connection, and what is made by it. */
export interface Workplace {
  readonly link: Link;
  readonly names: Names;
  readonly topology: Topology;
  readonly settings: Settings;
}
