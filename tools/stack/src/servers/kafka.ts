import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { writeWholeSync } from '@waybill/local-files';
import { launch } from '../launch.ts';
import type { Missing } from '../missing.ts';
import { probe } from '../probe.ts';
import { findProgram } from '../programs.ts';
import { kafkaConfig } from './kafka-config.ts';
import { furnishKafka } from './kafka-furniture.ts';
import { fetchJars, hasJars, jarsIn, kafkaVersion } from './kafka-jars.ts';
import type { Place, Server } from './server.ts';

const neededJava = 17;
const logFile = (folder: string): string => join(folder, 'kafka.log');
const configFile = (folder: string): string => join(folder, 'server.properties');

/** ApiVersions v0, which a client may request before it authenticates. */
const apiVersions = Buffer.from([
  0,
  0,
  0,
  17,
  0,
  18,
  0,
  0,
  0,
  0,
  0,
  1,
  0,
  7,
  ...Buffer.from('waybill'),
]);

/** Apache Kafka, one KRaft node, from the jars of Maven Central. */
export const kafka: Server = {
  name: 'kafka',
  ports: { main: 7092, controller: 7093 },
  ending: [
    ['SIGTERM', 20_000],
    ['SIGKILL', 5_000],
  ],
  missing(cache) {
    const java = hasJava();
    if (java && (hasJars(cache) || findProgram('mvn'))) return undefined;
    return whatIsMissing(java, hasJars(cache) || findProgram('mvn') !== undefined);
  },
  version: async () => kafkaVersion,
  async start(place, started) {
    await fetchJars(place.cache, place.progress);
    mkdirSync(place.folder, { recursive: true });
    writeWholeSync(configFile(place.folder), kafkaConfig(place), { mode: 0o600 });
    if (!existsSync(join(place.folder, 'data', 'meta.properties'))) await format(place);
    const pid = await launch({
      command: java(),
      args: [
        '-Xms256m',
        '-Xmx512m',
        ...classPath(place.cache),
        'kafka.Kafka',
        configFile(place.folder),
      ],
      cwd: place.folder,
      log: logFile(place.folder),
    });
    started('main', pid);
  },
  answers: async ({ ports, certificates }) =>
    (await probe(ports['main'] as number, apiVersions, certificates)).length > 8,
  furnish: furnishKafka,
  logFile,
  environment: ({ ports, secure, users, certificates }, service = 'admin') => ({
    KAFKA_BROKERS: `127.0.0.1:${ports['main']}`,
    ...(certificates ? { KAFKA_TLS: 'true', KAFKA_CA_FILE: certificates.ca } : {}),
    ...(secure
      ? {
          KAFKA_SASL_MECHANISM: 'scram-sha-512',
          KAFKA_USERNAME: service,
          KAFKA_PASSWORD: users.password(service),
        }
      : {}),
  }),
  url: ({ ports }) => `127.0.0.1:${ports['main']}`,
};

const java = (): string => {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : (findProgram('java') ?? 'java');
};
const classPath = (cache: string): string[] => ['-cp', join(jarsIn(cache), '*')];

/** The `java` of macOS may only print that none is installed, so it is executed. */
function hasJava(): boolean {
  try {
    const text = execFileSync(java(), ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return Number(/^\S+ (\d+)/.exec(text)?.[1]) >= neededJava;
  } catch {
    return false;
  }
}

function whatIsMissing(hasJava: boolean, hasMaven: boolean): Missing {
  const parts = [
    ...(hasJava
      ? []
      : [{ what: `Java ${neededJava} or newer`, apt: 'default-jre-headless', brew: 'openjdk' }]),
    ...(hasMaven ? [] : [{ what: 'Maven', apt: 'maven', brew: 'maven' }]),
  ];
  return {
    what: parts.map(({ what }) => what).join(' and '),
    apt: parts.map(({ apt }) => apt),
    brew: parts.map(({ brew }) => brew),
  };
}

/** Users are created here in both modes, so that the same data can be used with and without `secure`. */
async function format({ cache, folder, users, progress }: Place): Promise<void> {
  progress('formatting its storage');
  const scram = ['admin', ...users.services].flatMap((user) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${users.password(user)}]`,
  ]);
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'w');
  const args = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', configFile(folder), ...scram];
  try {
    await promisify(execFile)(java(), ['-XX:TieredStopAtLevel=1', ...classPath(cache), ...args]);
  } catch (error) {
    const lines = (error as { stderr?: string }).stderr?.trim().split('\n') ?? [];
    const cause =
      lines.find((line) => line.includes('Exception')) ?? lines.at(-1) ?? 'no reason given';
    throw new Error(`Kafka cannot format its storage: ${cause}`);
  }
}
