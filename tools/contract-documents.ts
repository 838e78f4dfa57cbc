import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { allContracts, type Contract, channelOf } from '@waybill/contracts';
import {
  asyncApi,
  brokenProto,
  compatible,
  type JsonSchema,
  messageTable,
  protoFiles,
  sampleOf,
  schemaName,
  schemaOf,
  type Topology,
  topologyFrom,
} from '@waybill/contracts/documents';
import { allApis } from '@waybill/contracts/grpc';
import { brokenCallers, contractOf, type GrpcContract } from '@waybill/grpc/contract';
import { iamPolicyOf } from '@waybill/stack';
import { root } from './repository.ts';

/** A derived file: its expected content, and whether the file on disk differs from it. */
export interface DerivedFile {
  readonly path: string;
  readonly content: string;
  readonly isStale: boolean;
}

const folder = 'libs/contracts';
const grpcContract = 'libs/contracts/grpc.json';

/** All documents of the contracts, and the problems: changes that would break readers or callers. */
export function contractDocuments(found: Topology): {
  problems: string[];
  files: DerivedFile[];
} {
  const samples = new Map<string, unknown>([...newSamples(), ...keptSamples()]);
  const topology = topologyFrom(found, allContracts);
  const channels = Object.fromEntries(allContracts.map((each) => [each.type, channelOf(each)]));
  return {
    problems: [
      ...allContracts.flatMap(brokenReaders),
      ...brokenProtos(),
      ...changedChannels(channels),
      ...brokenMethods(),
    ],
    files: [
      jsonFile(`${folder}/topology.json`, topology),
      jsonFile(`${folder}/channels.json`, channels),
      ...allContracts.map((each) => jsonFile(schemaPath(each), schemaOf(each))),
      ...[...newSamples()].map(([name, sample]) =>
        jsonFile(`${folder}/samples/${name}.json`, sample),
      ),
      jsonFile(`${folder}/asyncapi.json`, asyncApi(allContracts, topology, samples)),
      ...[...protoFiles(allContracts)].map(([name, content]) =>
        textFile(`${folder}/proto/${name}`, content),
      ),
      jsonFile(grpcContract, contractOf(allApis)),
      textFile('docs/messages.md', messageTable(allContracts, topology)),
      ...iamPolicies(topology),
    ],
  };
}

/** What each service may do at SNS and SQS. */
function iamPolicies(topology: Topology): DerivedFile[] {
  const services = [...new Set(topology.map(({ service }) => service))];
  return services.flatMap((service) => {
    const policy = iamPolicyOf(service, topology);
    return policy ? [jsonFile(`${folder}/iam/${service}.json`, policy)] : [];
  });
}

const schemaPath = (contract: Contract): string => `${folder}/schemas/${schemaName(contract)}.json`;

function brokenReaders(contract: Contract): string[] {
  const published = json(schemaPath(contract)) as JsonSchema | undefined;
  if (!published) return [];
  return compatible(published, schemaOf(contract)).map(
    (problem) =>
      `${schemaName(contract)}: ${problem}. Make version ${contract.version + 1}, with an upcaster.`,
  );
}

const brokenProtos = (): readonly string[] =>
  [...protoFiles(allContracts)].flatMap(([name, content]) => {
    const path = join(root, folder, 'proto', name);
    if (!existsSync(path)) return [];
    return brokenProto(readFileSync(path, 'utf8'), content).map(
      (line) => `${name}: ${line} is gone. Add fields and numbers at the end.`,
    );
  });

function changedChannels(now: Readonly<Record<string, string>>): string[] {
  const published = (json(`${folder}/channels.json`) ?? {}) as Record<string, string>;
  return Object.entries(published)
    .filter(([type, channel]) => now[type] !== channel)
    .map(([type, channel]) => `${type} was published on ${channel}: its name and kind are frozen.`);
}

const brokenMethods = (): readonly string[] =>
  brokenCallers((json(grpcContract) ?? {}) as GrpcContract, contractOf(allApis)).map(
    (problem) => `${problem}. Add beside it, or make a package with the next version.`,
  );

/** For contracts without a sample. An existing sample is never rewritten, because it stands for old messages. */
const newSamples = (): [string, unknown][] =>
  allContracts
    .filter((each) => !existsSync(join(root, folder, 'samples', `${schemaName(each)}.json`)))
    .map((each) => [schemaName(each), JSON.parse(JSON.stringify(sampleOf(each)))]);

function keptSamples(): [string, unknown][] {
  const path = join(root, folder, 'samples');
  if (!existsSync(path)) return [];
  return readdirSync(path).map((file) => [
    file.replace(/\.json$/, ''),
    json(`${folder}/samples/${file}`),
  ]);
}

const json = (path: string): unknown =>
  existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), 'utf8')) : undefined;

/** Stale when the parsed values differ; the formatter owns the layout of JSON. */
export function jsonFile(path: string, value: unknown): DerivedFile {
  const content = `${JSON.stringify(value, null, 2)}\n`;
  return { path, content, isStale: !isDeepStrictEqual(json(path), JSON.parse(content)) };
}

/** Stale when the text differs. */
export function textFile(path: string, content: string): DerivedFile {
  const file = join(root, path);
  return { path, content, isStale: !existsSync(file) || readFileSync(file, 'utf8') !== content };
}
