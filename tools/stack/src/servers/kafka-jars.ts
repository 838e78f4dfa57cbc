import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { moveWhole } from '@waybill/local-files';
import { whileLocked } from '../folder-lock.ts';
import { findProgram } from '../programs.ts';

export const kafkaVersion = '4.1.1';

const artifacts = [
  ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
  ['org.apache.kafka', 'kafka-tools', kafkaVersion],
  ['org.slf4j', 'slf4j-simple', '1.7.36'],
];

/** The folder with Kafka's jars; it exists only when it is complete. */
export const jarsIn = (cache: string): string => join(cache, `kafka-${kafkaVersion}`);

export const hasJars = (cache: string): boolean => existsSync(jarsIn(cache));

/** Downloads Apache Kafka with Maven, which uses the mirrors of its settings; once for all stacks. */
export async function fetchJars(cache: string, progress: (text: string) => void): Promise<void> {
  if (hasJars(cache)) return;
  await whileLocked(cache, async () => {
    if (!hasJars(cache)) await fetchInto(cache, progress);
  });
}

async function fetchInto(cache: string, progress: (text: string) => void): Promise<void> {
  progress(`fetching Apache Kafka ${kafkaVersion} through Maven (54 MB, once)`);
  const folder = join(cache, 'kafka.new');
  // Leftovers of a killed download.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'pom.xml'), pom());
    await maven(folder);
    if (!readdirSync(join(folder, 'jars')).some((name) => name.startsWith('kafka_'))) {
      throw new Error('Maven brought no jars of Kafka');
    }
    moveWhole(join(folder, 'jars'), jarsIn(cache));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function maven(folder: string): Promise<void> {
  const args = [
    '--batch-mode',
    '--quiet',
    'dependency:copy-dependencies',
    '-DoutputDirectory=jars',
  ];
  try {
    await promisify(execFile)(findProgram('mvn') as string, args, {
      cwd: folder,
      timeout: 300_000,
    });
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    const line = stdout.split('\n').find((each) => each.includes('ERROR')) ?? message;
    throw new Error(`Maven cannot fetch Apache Kafka: ${line.trim()}`);
  }
}

/** A Maven project that depends only on Kafka. */
function pom(): string {
  const dependencies = artifacts.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>waybill</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependencies.join('\n')}
</dependencies>
</project>
`;
}
