import type { Place } from './cpu-profile.ts';

/** The phases of an order in Node, by the path of the code; the first match counts. */
const phases: readonly (readonly [phase: string, places: RegExp])[] = [
  ['validation (zod)', /^node_modules\/zod\//],
  ['pg driver', /^node_modules\/(pg|pg-[\w-]+|postgres-[\w-]+|split2)\//],
  ['TypeORM', /^node_modules\/(typeorm|reflect-metadata)\//],
  [
    'metrics, logs and traces',
    /^node_modules\/(prom-client|tdigest|bintrees|pino|@pinojs|sonic-boom|quick-format-unescaped|safe-stable-stringify|@opentelemetry)\/|^libs\/observability\//,
  ],
  ['providers and carriers', /^sandboxes\/|^services\/\w+\/src\/clients\//],
  [
    'HTTP edge',
    /^node_modules\/(fastify|@fastify|find-my-way|avvio|fast-[\w-]+|secure-json-parse|rfdc|reusify|fastq|toad-cache|@nestjs|rxjs|jose|rate-limiter-flexible|undici|uid|ajv|cookie)\/|^libs\/http\/|^services\/gateway\/|^services\/[\w-]+\/src\/http\/|^node:(_http|internal\/http|http)/,
  ],
  ['derived ids', /^libs\/message\/src\/id\.ts$|^node_modules\/uuid\//],
  ['envelopes: decode, encode, contracts', /^libs\/(contracts|message)\//],
  [
    'brokers',
    /^libs\/messaging\/src\/gather-writes\.ts|^libs\/brokers\/|^node_modules\/(kafkajs|amqplib|ioredis|@ioredis|redis-[\w-]+|denque|@aws-sdk|@smithy)\//,
  ],
  ['relay', /^libs\/persistence\/src\/relay\//],
  ['commit: parameters and call', /^libs\/persistence\//],
  [
    'batch building and working copy',
    /^libs\/messaging\/src\/(batch-builder|working-copy|work|work-rows|envelope-wrapper|state|state-reader|external-calls|key-queue|ready)[\w-]*\.ts$/,
  ],
  ['consumer, runner, settlement', /^libs\/(messaging|resilience)\//],
  ['decide and saga', /^libs\/(saga|event-store)\/|^services\//],
  ['service frame', /^libs\//],
  ['other libraries', /^node_modules\//],
];

/** What the engine does by itself. */
const engine: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code outside JavaScript',
};

/** The phase of a function; null for functions of the engine and of Node, which work for their caller. */
export function phaseOf(name: string, place: Place | null): string | null {
  if (!place) return engine[name] ?? null;
  return phases.find(([, places]) => places.test(place.file))?.[0] ?? null;
}
