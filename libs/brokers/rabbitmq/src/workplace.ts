import type { Link } from './link.ts';
import type { Names } from './names.ts';
import type { Settings } from './rabbitmq-options.ts';
import type { Topology } from './topology.ts';

/** What the parts of the adapter share: one connection, and what they declare on it. */
export interface Workplace {
  readonly link: Link;
  readonly names: Names;
  readonly topology: Topology;
  readonly settings: Settings;
}
