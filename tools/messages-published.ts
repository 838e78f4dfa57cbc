import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@waybill/contracts';
import { filesBelow, root } from './repository.ts';

const nameOf = new Map(
  Object.entries(contracts).flatMap(([name, value]): [string, string][] =>
    contracts.allContracts.includes(value as contracts.Contract)
      ? [[name, (value as contracts.Contract).type]]
      : [],
  ),
);

/**
 * The types of the messages that a service publishes, sorted. Read from its sources: it publishes a message by calling the
 * contract, by requesting with it, or by naming it in `ingest`, `timer` or `forParticipant`.
 */
export function messagesPublishedBy(service: string): string[] {
  return typesUsed(
    service,
    (name) => `\\b${name}\\(|\\b(?:request|gather|ingest|forParticipant|timer)\\(\\s*${name}\\b`,
  );
}

/** The types of the live messages that a service names in `observe`, sorted. */
export const messagesObservedBy = (service: string): string[] =>
  typesUsed(service, (name) => `\\bobserve\\(\\s*${name}\\b`);

function typesUsed(service: string, usageOf: (name: string) => string): string[] {
  const used = new Set<string>();
  for (const file of filesBelow(`services/${service}/src`, '.ts').filter(isProduction)) {
    const source = withoutComments(readFileSync(join(root, file), 'utf8'));
    for (const [name, type] of nameOf) if (new RegExp(usageOf(name)).test(source)) used.add(type);
  }
  return [...used].sort();
}

const isProduction = (file: string): boolean =>
  !file.endsWith('.spec.ts') && !file.includes('/testing/');

const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
