import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf } from '@waybill/contracts';
import { Client } from 'pg';
import { Driver } from './driver.ts';
import { startSystem } from './start-system.ts';
import type { Subject } from './system.ts';

/** Milliseconds from `kill -9` of a process to the next commit on each partition of its group, ascending. */
export interface Recovery {
  readonly service: string;
  readonly replicas: number;
  readonly partitionsMs: readonly number[];
}

const rate = 40;
const before = 4_000;
const after = 8_000;

/** Kills one process of `service`, which has `replicas` processes, under a light load; measures when its partitions continue. */
export async function measureRecovery(
  subject: Subject,
  service: string,
  replicas: number,
  say: (line: string) => void,
): Promise<Recovery> {
  say(`${subject.brokers}: kill -9 of ${service}, ${replicas} of it`);
  const system = await startSystem({ ...subject, replicas: { [service]: replicas } });
  let driver: Driver | undefined;
  try {
    driver = await Driver.at(system, 16);
    await driver.closedLoop(200, { keyed: true });
    const load = driver.openLoop((rate * (before + after)) / 1000, rate);
    await pause(before);
    const victim = system.parts().find(({ name }) => name === `${service}-1`);
    if (!victim) throw new Error(`no ${service}-1 runs`);
    const killedAt = Date.now();
    process.kill(victim.pid, 'SIGKILL');
    await load;
    const url = system.where.databases[service] ?? '';
    const partitionsMs = await nextCommits(url, service, killedAt);
    return { service, replicas, partitionsMs };
  } finally {
    await driver?.close();
    await system.stop();
  }
}

async function nextCommits(url: string, service: string, since: number): Promise<number[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: partitions } = await client.query<{ n: number }>(
      'select count(*)::int n from group_shard where group_name = $1',
      [service],
    );
    const { rows } = await client.query<{ key: string; at: Date }>(
      'select key, at from handled where group_name = $1 and at > $2 order by at',
      [service, new Date(since)],
    );
    const first = new Map<number, number>();
    for (const { key, at } of rows) {
      const partition = partitionOf(key, partitions[0]?.n ?? 1);
      if (!first.has(partition)) first.set(partition, at.getTime() - since);
    }
    return [...first.values()].sort((a, b) => a - b);
  } finally {
    await client.end();
  }
}
