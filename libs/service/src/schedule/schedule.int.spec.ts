import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { DiscoveryService } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { LeaseLost, TaskLeases } from '@waybill/persistence';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { HostConfig } from '../config/host.config.ts';
import { Schedule } from './schedule.ts';
import { Scheduled, type Task, type TaskRun, tasksOf } from './scheduled.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  await database.shiftClock(0);
  await database.pool.query('truncate task_lease');
});

const opened: { schedule: Schedule; registry: SchedulerRegistry }[] = [];
afterEach(async () => {
  for (const { schedule, registry } of opened.splice(0)) {
    for (const name of registry.getIntervals()) registry.deleteInterval(name);
    await schedule.beforeApplicationShutdown();
  }
});

/** A process of the service, with its own timers, on the database that all of them share. */
function replica(name: string, ...tasks: Task[]) {
  const told: object[] = [];
  const registry = new SchedulerRegistry();
  const leases = new TaskLeases(database.pool, name);
  const log = { warn: (fields: object) => void told.push(fields) };
  const schedule = new Schedule({ tasks: () => tasks, leases, registry, log });
  opened.push({ schedule, registry });
  return { schedule, registry, told };
}

/** A task that records where it ran, and how many runs there were at once. */
class Recorded {
  readonly runs: string[] = [];
  most = 0;
  private now = 0;

  at(where: string, every: number): Task {
    const run = async () => {
      this.runs.push(where);
      this.now += 1;
      this.most = Math.max(this.most, this.now);
      await new Promise((resolve) => setImmediate(resolve));
      this.now -= 1;
    };
    return { name: 'sweep', every, run };
  }
}

it('runs a task again and again, in one replica at a time, as often as with one replica', async () => {
  const recorded = new Recorded();
  for (const name of ['one', 'two'])
    replica(name, recorded.at(name, 100)).schedule.onApplicationBootstrap();
  const started = performance.now();
  await eventually(() => recorded.runs.length >= 5);
  expect(recorded.most).toBe(1);
  expect(performance.now() - started).toBeGreaterThan(4 * 90);
});

it('goes on in another replica when the one that runs it is killed, which writes nothing any more', async () => {
  let frozen: TaskRun | undefined;
  const endless = (run: TaskRun) => {
    frozen = run;
    return new Promise<void>(() => {});
  };
  const killed = replica('killed', { name: 'sweep', every: 50, run: endless });
  void killed.schedule.run({ name: 'sweep', every: 50, run: endless });
  await eventually(() => frozen !== undefined);
  const recorded = new Recorded();
  const other = replica('other');
  await other.schedule.run(recorded.at('other', 50));
  expect(recorded.runs).toEqual([]);
  await database.shiftClock(16_000);
  await other.schedule.run(recorded.at('other', 50));
  expect(recorded.runs).toEqual(['other']);
  await expect(frozen?.lease.transaction(async () => 1)).rejects.toThrow(LeaseLost);
});

it('repeats a run that failed at its next time, and says so', async () => {
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 1) throw new Error('no answer');
  };
  const { schedule, told } = replica('one', { name: 'sweep', every: 30, run });
  schedule.onApplicationBootstrap();
  await eventually(() => runs >= 2);
  expect(told).toEqual([{ task: 'sweep', error: expect.any(Error) }]);
});

it('ends with the service: it waits for the run in progress and leaves the task to the others at once', async () => {
  const recorded = new Recorded();
  const { schedule } = replica('stops');
  const untilAborted = ({ signal }: TaskRun) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const running = schedule.run({ name: 'sweep', every: 60_000, run: untilAborted });
  await eventually(async () => {
    const { rows } = await database.pool.query('select from task_lease');
    return rows.length === 1;
  });
  await schedule.beforeApplicationShutdown();
  await running;
  await schedule.run(recorded.at('stops', 1));
  await replica('next').schedule.run(recorded.at('next', 1));
  expect(recorded.runs).toEqual(['next']);
});

it('finds the methods that are marked, with their periods from the settings', async () => {
  class Sweeper {
    swept = 0;

    @Scheduled<{ often: number }>({ name: 'sweep', every: ({ often }) => often })
    async sweep() {
      this.swept += 1;
    }

    async other() {}
  }
  const sweeper = new Sweeper();
  const discovery = { getProviders: () => [{ instance: sweeper }, { instance: null }] };
  const settings = { own: { often: 7 }, host: {} as HostConfig };
  const [task, ...more] = tasksOf(discovery as unknown as DiscoveryService, settings);
  expect([task?.name, task?.every, more]).toEqual(['sweep', 7, []]);
  await task?.run({} as TaskRun);
  expect(sweeper.swept).toBe(1);
});
