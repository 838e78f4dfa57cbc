import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { decode, readData } from '@waybill/message';
import { allContracts } from '../all-contracts.ts';
import { asyncApi } from './async-api.ts';
import { compatible } from './compatible.ts';
import { type JsonSchema, schemaName, schemaOf } from './json-schema.ts';
import { topologyFrom } from './topology.ts';

const folder = join(import.meta.dirname, '..', '..');
const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));
const sampleNames = readdirSync(join(folder, 'samples')).map((file) => file.replace('.json', ''));
const samples = new Map(sampleNames.map((name) => [name, json(`samples/${name}.json`)]));
const topology = topologyFrom(json('topology.json'), allContracts);
const named = allContracts.map((contract) => [schemaName(contract), contract] as const);

describe('the published schema', () => {
  it.each(named)('of %s is fresh and fits every message of its version', (name, contract) => {
    const published = json(`schemas/${name}.json`) as JsonSchema;
    const now = JSON.parse(JSON.stringify(schemaOf(contract))) as JsonSchema;
    expect(compatible(published, now)).toEqual([]);
    expect(now).toEqual(published);
  });

  it('stays when a new version comes, with its sample', () => {
    const schemas = readdirSync(join(folder, 'schemas'));
    for (const file of schemas) expect(existsSync(join(folder, 'samples', file))).toBe(true);
    expect(sampleNames).toHaveLength(schemas.length);
  });
});

it.each(sampleNames)('the kept sample %s can still be read', (name) => {
  const envelope = decode(JSON.stringify(samples.get(name)));
  const contract = allContracts.find(({ type }) => type === envelope.type);
  expect(`${envelope.type}.v${envelope.version}`).toBe(name);
  expect(contract && readData(contract, envelope.version, envelope.data)).toBeDefined();
});

it('names and channels never change once published', () => {
  const now = Object.fromEntries(allContracts.map((each) => [each.type, each.channel]));
  expect(now).toEqual(json('channels.json'));
});

describe('the AsyncAPI document', () => {
  const published = json('asyncapi.json');

  it('is fresh', () => {
    const now = asyncApi(allContracts, topology, samples);
    expect(JSON.parse(JSON.stringify(now))).toEqual(published);
  });

  it('is valid AsyncAPI 3.0', async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(published));
    const errors = diagnostics.filter(({ severity }) => severity === 0);
    expect(errors.map(({ message, path }) => `${path.join('/')}: ${message}`)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(document?.messages().all().length).toBeGreaterThanOrEqual(allContracts.length);
  });
});
