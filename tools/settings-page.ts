import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayConfig, gatewayProcessConfig } from '@waybill/gateway';
import { definitions } from '@waybill/processes';
import {
  accessConfig,
  brokerSchemas,
  faultsConfig,
  grpcConfig,
  hostConfig,
  secretsOf,
  tlsConfig,
  tracingConfig,
} from '@waybill/service';
import { z } from 'zod';
import { type DerivedFile, textFile } from './contract-documents.ts';
import { programs, variablesOf } from './programs.ts';
import { filesBelow, root } from './repository.ts';
import { commentsIn, factsOf } from './setting-facts.ts';

interface Section {
  readonly title: string;
  readonly schemas: readonly z.ZodType[];
  /** A part of the path of the files that declare it, where the comments are. */
  readonly home: string;
}

const sections: readonly Section[] = [
  {
    title: 'Every service',
    schemas: [
      hostConfig,
      accessConfig,
      tlsConfig,
      faultsConfig,
      tracingConfig,
      ...definitions.map(grpcConfig),
    ],
    home: 'libs/service/src/config/',
  },
  ...Object.entries(brokerSchemas).map(([title, schema]) => ({
    title,
    schemas: [schema],
    home: 'libs/service/src/brokers/',
  })),
  ...definitions.map(({ name, config }) => ({
    title: name,
    schemas: [config],
    home: `services/${name}/`,
  })),
  { title: 'gateway', schemas: [gatewayProcessConfig, gatewayConfig], home: 'services/gateway/' },
];

const header = `# Settings

Every variable that the services and the gateway read, from their declarations (\`*.config.ts\`). Generated: run \`npm run generate\`.
A process reads them once, when it starts. If any is wrong it does not start, and names all of them with their rules.

A *time* is a number with a unit: \`250ms\`, \`20s\`, \`15m\`, \`30d\`, from 1 ms to a hundred years where its rule has no other bounds. Lists have commas between. An empty variable counts as absent. Secrets
and addresses with passwords are never shown, and a deployed service (\`WAYBILL_DEPLOYED\`) refuses their development values.
[Deploy](deploy.md#settings) has those of Docker Compose; [the brokers](brokers.md#settings-that-matter) say what matters for speed.`;

/** The page of all settings, and the settings that no comment explains. */
export function settingsPage(): { readonly problems: string[]; readonly file: DerivedFile } {
  const tables = sections.map(tableOf);
  const text = [header, ...tables.map(({ lines }) => lines.join('\n'))].join('\n\n');
  return {
    problems: tables.flatMap(({ problems }) => problems),
    file: textFile('docs/settings.md', `${text}\n`),
  };
}

function tableOf({ title, schemas, home }: Section): { lines: string[]; problems: string[] } {
  const comments = commentsBelow(home);
  const fields = new Map(schemas.flatMap((schema) => Object.entries(shapeOf(schema))));
  const problems: string[] = [];
  const secrets = new Set(schemas.flatMap((schema) => [...secretsOf(schema).keys()]));
  const rows = [...fields].map(([name, field]) => {
    const comment = comments.get(name) ?? allComments().get(name) ?? computed(name);
    if (!comment) problems.push(`${name} (${home}) has no comment that explains it`);
    return rowOf(name, field, secrets.has(name), comment ?? '');
  });
  const head = [
    '| variable | type | default | rule | meaning | read by |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return { lines: [`## ${title}`, '', ...head, ...rows], problems };
}

/** The addresses that a service declares by its calls have no line of their own. */
const computed = (name: string): string | undefined =>
  name.endsWith('_GRPC_URL')
    ? `Where that service serves gRPC; without it, requests to it go over the broker.`
    : undefined;

function rowOf(name: string, field: z.ZodType, isSecret: boolean, comment: string): string {
  const { type, fallback, isNeeded, rules } = factsOf(field);
  const shown = isSecret && fallback !== null ? 'for development' : code(fallback);
  const cells = [
    `\`${name}\``,
    isSecret ? 'secret' : type,
    isNeeded ? 'needed' : shown,
    rules.join('; ') || '–',
    comment,
    readersOf(name),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

const code = (value: string | null): string =>
  value === null || value === '' ? '–' : `\`${value}\``;

function readersOf(name: string): string {
  const readers = programs.filter((program) => variablesOf[program]?.includes(name));
  const services = definitions.map((each) => each.name);
  if (!services.every((service) => readers.includes(service))) return readers.join(', ');
  return readers.includes('gateway') ? 'all, gateway' : 'all services';
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, z.ZodType>;
  return schema instanceof z.ZodPipe ? shapeOf(schema.def.in as z.ZodType) : {};
}

const known = new Map<string, ReadonlyMap<string, string>>();
const allComments = (): ReadonlyMap<string, string> => commentsBelow('libs/service/src/');

/** The comments above the variables of the files below a folder. */
function commentsBelow(folder: string): ReadonlyMap<string, string> {
  const before = known.get(folder);
  if (before) return before;
  const files = filesBelow(folder, '.config.ts').filter((file) => !file.includes('/dist/'));
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  const found = new Map(texts.flatMap(commentsIn));
  known.set(folder, found);
  return found;
}
