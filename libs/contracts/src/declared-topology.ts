import { readFileSync } from 'node:fs';
import { allContracts } from './all-contracts.ts';
import { type Topology, topologyFrom } from './documents/topology.ts';

/** Every subscription of this release, from the generated `topology.json`. Throws when it names a message without a contract. */
export const declaredTopology = (): Topology =>
  topologyFrom(
    JSON.parse(readFileSync(new URL('../topology.json', import.meta.url), 'utf8')),
    allContracts,
  );

/** The generated AsyncAPI document of all messages, as JSON. */
export const asyncApiText = (): string =>
  readFileSync(new URL('../asyncapi.json', import.meta.url), 'utf8');
export type { Topology };
