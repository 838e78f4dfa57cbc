import { describe, expect, it } from '@jest/globals';
import type { Message } from '@waybill/message';
import { runs } from '@waybill/messaging/testing';
import fc from 'fast-check';
import { begin, react } from './react.ts';
import type { SagaInput } from './saga-decision.ts';
import { isSettled, type SagaState } from './saga-state.ts';
import { Participants } from './testing/participants.ts';
import { type BookTrip, bookTrip, trip } from './testing/trip.fixture.ts';

const chance = fc.record({
  what: fc.constantFrom(
    'deliver',
    'deliver',
    'deliver',
    'deliver',
    'repeat',
    'time-out',
    'cancel',
    'die',
    'retry',
    'compensate',
  ),
  pick: fc.nat(1_000),
});
type Chance = typeof chance extends fc.Arbitrary<infer T> ? T : never;

const { data, ...replies } = trip;

/** One trip, its participants and the messages in transit, delivered in any order. */
class World {
  readonly participants: Participants<BookTrip>;
  private readonly underWay: Message[] = [];
  private outcomes = 0;
  private minutes = 0;
  state: SagaState<BookTrip>;

  constructor(refuses: readonly string[]) {
    this.participants = new Participants(bookTrip, data, Object.values(replies), new Set(refuses));
    const { state, send } = begin(bookTrip, trip.data, this.context());
    this.state = state;
    this.underWay.push(...send);
  }

  happen({ what, pick }: Chance): void {
    if (what === 'deliver' || what === 'repeat') this.deliver(pick, what === 'repeat');
    else if (what === 'time-out') this.tell({ timedOut: this.state.step });
    else if (what === 'cancel') this.tell({ cancel: 'changed my mind' });
    else if (what === 'retry') this.tell({ retry: true });
    else if (what === 'compensate') this.tell({ compensate: 'timed_out' });
    else this.die(pick);
  }

  /** Stops the faults: every message arrives, and the reply timeout detects each lost one. */
  calm(): void {
    for (let n = 0; !isSettled(this.state) || this.underWay.length > 0; n += 1) {
      if (n > 1_000) throw new Error(`does not settle: ${JSON.stringify(this.state)}`);
      if (this.underWay.length > 0) this.deliver(0, false);
      else this.tell({ timedOut: this.state.step });
    }
  }

  get settledTimes(): number {
    return this.outcomes;
  }

  operation(step: string): string {
    return this.participants.operations.get(step) ?? 'unknown';
  }

  private deliver(pick: number, keep: boolean): void {
    const index = pick % Math.max(1, this.underWay.length);
    const [message] = keep ? this.underWay.slice(index, index + 1) : this.underWay.splice(index, 1);
    if (!message) return;
    if (message.contract.kind === 'command') this.underWay.push(this.participants.take(message));
    else this.tell({ type: message.contract.type, data: message.data });
  }

  /** Dead-letters a command, after it took effect or before; half of them are redriven later. */
  private die(pick: number): void {
    const commands = this.underWay.filter(({ contract }) => contract.kind === 'command');
    const command = commands[pick % Math.max(1, commands.length)];
    if (!command) return;
    if (pick % 3 === 0) this.participants.take(command);
    if (pick % 2 === 0) this.underWay.splice(this.underWay.indexOf(command), 1);
    this.tell({ stepFailed: { command: command.contract.type, error: 'boom' } });
  }

  private tell(input: SagaInput): void {
    const was = this.state;
    const decision = react(bookTrip, was, input, this.context());
    if (isSettled(was)) expect(decision.state).toBe(was);
    if (decision.outcome) this.outcomes += 1;
    this.state = decision.state;
    this.underWay.push(...decision.send);
    expect(this.state.phase === 'settled').toBe(this.state.dueAt === null);
  }

  private context() {
    this.minutes += 1;
    return { now: new Date(Date.parse('2026-01-01T00:00:00Z') + this.minutes * 60_000) };
  }
}

const undoable = ['hold-seat', 'hold-room', 'hold-car'];
const forward = ['charge-card', 'send-tickets'];

describe('a saga among late, lost, repeated and reordered messages', () => {
  it('settles once, with everything done or everything undone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...undoable, 'charge-card'), { maxLength: 2 }),
        fc.array(chance, { maxLength: 60 }),
        (refuses, chances) => {
          const world = new World(refuses);
          for (const each of chances) world.happen(each);
          world.calm();
          expect(world.settledTimes).toBe(1);
          const done = [...undoable, ...forward].filter((step) => world.operation(step) === 'done');
          if (world.state.status === 'completed') expect(done).toEqual([...undoable, ...forward]);
          else expect(done).toEqual([]);
        },
      ),
      { numRuns: runs(600, 2_000) },
    );
  });

  it('never undoes what was charged, and remembers a cancel that came too late', () => {
    fc.assert(
      fc.property(fc.array(chance, { maxLength: 40 }), (chances) => {
        const world = new World([]);
        for (const each of chances) world.happen(each);
        const charged = world.operation('charge-card') === 'done';
        if (charged) world.happen({ what: 'cancel', pick: 0 });
        const open = !isSettled(world.state);
        world.calm();
        if (!charged) return;
        expect(world.state.status).toBe('completed');
        if (open) expect(world.state.cancelRequested).toBe('changed my mind');
      }),
      { numRuns: runs(300, 1_000) },
    );
  });
});
