import { declaredTopology } from '@waybill/contracts/topology';
import { groupsFrom } from '@waybill/messaging';
import { migrateService, openBrokers, type ServiceDeclaration } from '@waybill/service';
import { ensureDatabase } from './database.ts';
import { definitions } from './definitions.ts';
import type { Environments } from './environments.ts';
import type { Waiting } from './waiting.ts';

const defaultPartitions = 4;

/**
 * Prepares what services need and do not create themselves: their databases and migrations, and the topics, exchanges
 * and queues of all groups. Safe to repeat, also while services run.
 */
export async function prepare(
  environments: Environments,
  say: (line: string) => void,
  waiting: Waiting,
): Promise<void> {
  await Promise.all([
    ...definitions.map((each) => waiting.whenUp(() => migrateOne(each, environments, say))),
    waiting.whenUp(() => declareAll(environments, say)),
  ]);
}

async function migrateOne(
  definition: ServiceDeclaration,
  environments: Environments,
  say: (line: string) => void,
): Promise<void> {
  const env = environments.of(definition.name);
  const url = env['DATABASE_URL'] ?? '';
  if (URL.canParse(url)) {
    await ensureDatabase(url).catch((cause: Error) => {
      const { host, pathname } = new URL(url);
      throw new Error(
        `${definition.name} cannot reach its database ${pathname.slice(1)} at ${host} (DATABASE_URL): ${cause.message}`,
        { cause },
      );
    });
  }
  const ran = await migrateService(definition, env);
  say(
    `${definition.name}: ${ran.length === 0 ? 'its database is up to date' : `${ran.length} migrations ran`}`,
  );
}

async function declareAll(environments: Environments, say: (line: string) => void): Promise<void> {
  const env = environments.of();
  const brokers = await openBrokers(env, { service: 'prepare' });
  try {
    const groups = groupsFrom(
      declaredTopology(),
      Number(env['GROUP_PARTITIONS'] || defaultPartitions),
    );
    await brokers.declare(groups);
    const names = brokers.all().map(({ name }) => name);
    say(`${groups.length} groups are declared on ${names.join(', ')}`);
  } finally {
    await brokers.close();
  }
}
