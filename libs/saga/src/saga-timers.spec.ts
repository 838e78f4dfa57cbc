import { describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/message';
import { type Clock, Submitter } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { begin, react } from './react.ts';
import { type SagaDue, timerInput } from './saga-due.ts';
import { type InFlight, SagaRegistry } from './saga-registry.ts';
import type { SagaState } from './saga-state.ts';
import { SagaTimers } from './saga-timers.ts';
import { bookTrip, trip } from './testing/trip.fixture.ts';

const minutes = 60_000;

/** A service with one saga and a broker that can be unavailable. */
class Service extends Submitter {
  readonly clock = new HandClock();
  readonly troubles: unknown[] = [];
  readonly asked: string[] = [];
  brokerAway = false;
  databaseAway = false;
  inFlight: () => readonly InFlight[] = () => [];
  state: SagaState = begin(bookTrip, trip.data, { now: this.clock.now() }).state as SagaState;

  readonly timers = new SagaTimers({
    sagas: {
      due: async () => {
        if (this.databaseAway) throw new Error('no database');
        const due = this.state.dueAt !== null && Date.parse(this.state.dueAt) <= +this.clock.now();
        return due ? [this.state] : [];
      },
      inFlight: async () => this.inFlight(),
      isUnconfirmed: async (key, channel) => {
        this.asked.push(`${key} ${channel}`);
        return this.brokerAway;
      },
    },
    registry: new SagaRegistry([bookTrip]),
    submitter: this,
    clock: this.clock as Clock,
    onTrouble: (error, what) => this.troubles.push([what, error]),
  });

  async submit<A>(message: Message): Promise<A> {
    const input = timerInput((message as ReturnType<typeof SagaDue>).data);
    const now = this.clock.now();
    this.state = react(bookTrip, this.state as never, input, { now }).state as SagaState;
    return undefined as A;
  }

  /** Advances minute by minute and looks for due timers in each. */
  async pass(total: number): Promise<void> {
    for (let n = 0; n < total; n += 1) {
      this.clock.advance(1 * minutes);
      await this.timers.look();
    }
  }
}

/** Two sagas that are always due; `answer` runs when one of them is submitted. */
function scene(answer: (id: string) => Promise<void> = async () => undefined) {
  const clock = new HandClock();
  const [looks, told, troubles]: [number[], string[], unknown[]] = [[], [], []];
  const state = begin(bookTrip, trip.data, { now: clock.now() }).state as SagaState;
  const waiting = { ...state, phase: 'waiting' } as const;
  class Telling extends Submitter {
    async submit<A>(message: Message): Promise<A> {
      const { sagaId } = (message as ReturnType<typeof SagaDue>).data;
      told.push(sagaId);
      await answer(sagaId);
      return undefined as A;
    }
  }
  const timers = new SagaTimers({
    sagas: {
      due: async (limit) => {
        looks.push(limit);
        return ['a', 'b'].map((id) => ({ ...waiting, id }));
      },
      inFlight: async () => [],
      isUnconfirmed: async () => false,
    },
    registry: new SagaRegistry([bookTrip]),
    submitter: new Telling(),
    clock,
    onTrouble: (error) => troubles.push(error),
  });
  const quiet = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  };
  return { timers, clock, looks, told, troubles, quiet };
}

describe('the timers of sagas', () => {
  it('time out a step 15 minutes after they have seen its command confirmed', async () => {
    const service = new Service();
    await service.pass(19);
    expect(service.state).toMatchObject({ status: 'running', phase: 'waiting' });
    await service.pass(1);
    expect(service.state).toMatchObject({ status: 'compensating', reason: 'timed_out' });
    expect(service.asked).toEqual([`${trip.data.tripId} flight.commands`]);
  });

  it('reject nothing while the broker is away, and count from its return', async () => {
    const service = new Service();
    service.brokerAway = true;
    await service.pass(60);
    expect(service.state.status).toBe('running');
    service.brokerAway = false;
    await service.pass(15);
    expect(service.state.status).toBe('running');
    await service.pass(6);
    expect(service.state.status).toBe('compensating');
  });

  it('look again by themselves until they are stopped, whatever fails meanwhile', async () => {
    const service = new Service();
    service.timers.start();
    service.databaseAway = true;
    service.clock.advance(1_000);
    await service.timers.stop();
    expect(service.troubles).toHaveLength(1);
    service.clock.advance(60_000);
    expect(service.troubles).toHaveLength(1);
  });

  it('look once each second, however often they are started, and not after their end', async () => {
    const { timers, clock, looks, quiet } = scene();
    timers.start();
    timers.start();
    clock.advance(1_000);
    await quiet();
    clock.advance(1_000);
    await quiet();
    expect(looks).toEqual([200, 200]);
    await timers.stop();
    clock.advance(60_000);
    expect(looks).toHaveLength(2);
  });

  it('end when the look under way is done', async () => {
    const releases: (() => void)[] = [];
    const { timers, clock, quiet } = scene(() => new Promise((done) => releases.push(done)));
    timers.start();
    clock.advance(1_000);
    await quiet();
    let ended = false;
    const stopped = timers.stop().then(() => (ended = true));
    await quiet();
    expect([ended, releases.length]).toEqual([false, 2]);
    for (const release of releases) release();
    await stopped;
  });

  it('tell a saga once while it has not answered, and again after that', async () => {
    const releases: (() => void)[] = [];
    const { timers, told, quiet } = scene(() => new Promise((done) => releases.push(done)));
    const first = timers.look();
    expect(await timers.look()).toBe(0);
    for (const release of releases) release();
    expect(await first).toBe(2);
    void timers.look();
    await quiet();
    expect(told).toEqual(['a', 'b', 'a', 'b']);
  });

  it('tell the others although one cannot be told', async () => {
    const { timers, told, troubles } = scene(async (id) => {
      if (id === 'a') throw new Error('no database');
    });
    expect(await timers.look()).toBe(2);
    expect([told, troubles.length]).toEqual([['a', 'b'], 1]);
  });

  it('tell nothing to a saga that has settled', async () => {
    const service = new Service();
    const { type } = trip.noSeat.contract;
    const reply = { type, data: trip.noSeat.data };
    const { state } = react(bookTrip, service.state as never, reply, { now: new Date() });
    service.state = state as SagaState;
    await service.pass(60);
    expect(service.state).toBe(state);
  });

  it('leave a saga of another release alone', async () => {
    const service = new Service();
    service.state = { ...service.state, definitionVersion: 9 };
    await service.pass(6);
    expect(service.troubles).toEqual(
      expect.arrayContaining([
        ['a saga timer must try again', expect.objectContaining({ code: 'unknown_saga' })],
      ]),
    );
  });

  it('start and stop with the application', async () => {
    const { timers, clock, looks, quiet } = scene();
    await timers.onApplicationBootstrap();
    clock.advance(1_000);
    await quiet();
    expect(looks).toHaveLength(1);
    await timers.onApplicationShutdown();
    clock.advance(60_000);
    await quiet();
    expect(looks).toHaveLength(1);
  });

  it('do not start in a release that lacks a step which a saga is at', async () => {
    const service = new Service();
    service.inFlight = () => [{ saga: 'book-trip', definitionVersion: 1, step: 'pack' }];
    await expect(service.timers.onApplicationBootstrap()).rejects.toThrow(
      /pack, which this release does not define/,
    );
    service.clock.advance(60 * minutes);
    await service.timers.stop();
    expect(service.asked).toEqual([]);
  });

  it('start although the database is away', async () => {
    const service = new Service();
    const error = new Error('no database');
    service.inFlight = () => {
      throw error;
    };
    await service.timers.onApplicationBootstrap();
    expect(service.troubles).toEqual([['the sagas in flight could not be checked', error]]);
    await service.timers.onApplicationShutdown();
  });
});
