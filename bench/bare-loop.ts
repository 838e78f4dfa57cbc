import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Message, Transport } from './transports/transport.ts';

const batchLimit = 200;
const body = JSON.stringify({ note: 'x'.repeat(380) });

const schema = `
  create table inbox (grp text not null, id uuid not null, primary key (grp, id));
  create table events (stream uuid not null, version int not null, data text not null, primary key (stream, version));
  create table state (grp text not null, id uuid not null, version int not null, data text not null, primary key (grp, id)) with (fillfactor = 70);
  create table outbox (seq bigint generated always as identity primary key, id uuid not null, body text not null) with (fillfactor = 70)`;

/** Inbox, event, state and outbox rows of a whole batch, and the confirmed rows of earlier ones, in one statement. */
const step = `
  with given as (select * from unnest($2::uuid[], $3::uuid[], $4::int[]) as g(message, stream, version)),
  i as (insert into inbox select $1, message from given on conflict do nothing returning id),
  e as (insert into events select stream, version, $5 from given join i on i.id = given.message),
  s as (insert into state select $1, stream, version, $5 from given join i on i.id = given.message
        on conflict (grp, id) do update set version = excluded.version, data = excluded.data),
  o as (insert into outbox (id, body) select message, $5 from given join i on i.id = given.message returning seq),
  d as (delete from outbox where seq = any($6::bigint[]))
  select array_agg(seq) as seqs from o`;

/** The groups that an order comes to: nine deliveries after the accept, ten durable steps per order. */
const orderRoute = [
  'order',
  'inventory',
  'order',
  'payment',
  'order',
  'shipping',
  'order',
  'payment',
  'order',
  'notification',
];

interface Taken {
  readonly message: Message;
  readonly settle: () => void;
}

/** One consumer: it processes what queued during the previous batch in one transaction, then acks and forwards it. */
class BareConsumer {
  private queue: Taken[] = [];
  private confirmed: string[] = [];
  private running = false;

  constructor(
    private readonly group: string,
    private readonly client: Client,
    private readonly forward: (messages: readonly Message[]) => Promise<void>,
  ) {}

  take(message: Message, settle: () => void): void {
    this.queue.push({ message, settle });
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, batchLimit);
      const { rows } = await this.client.query<{ seqs: string[] | null }>({
        name: 'step',
        text: step,
        values: [
          this.group,
          batch.map(() => randomUUID()),
          batch.map(({ message }) => message.order),
          batch.map(({ message }) => message.at),
          body,
          this.confirmed.splice(0),
        ],
      });
      const seqs = rows[0]?.seqs ?? [];
      for (const { settle } of batch) settle();
      void this.forward(batch.map(({ message }) => message)).then(() =>
        this.confirmed.push(...seqs),
      );
    }
    this.running = false;
  }
}

/** The results of the bare loop. */
export interface BareRun {
  readonly perSecond: number;
  /** Milliseconds between the ends of consecutive orders; with one in flight, the duration of an order. */
  readonly betweenEndsMs: readonly number[];
}

/**
 * Runs the durable steps of an order, or of what else takes `route`, over `transport` and nothing else: no framework, no
 * validation, no ledger, no sandbox. Its orders per second are the unit that Waybill is measured in (L).
 */
export async function bareLoop(
  url: string,
  orders: number,
  inFlight: number,
  transport: Transport,
  route: readonly string[] = orderRoute,
): Promise<BareRun> {
  const clients = new Map<string, Client>();
  for (const group of new Set(route)) {
    const client = new Client({ connectionString: url });
    await client.connect();
    clients.set(group, client);
  }
  await clients.get(route[0] ?? '')?.query(schema);
  const run = new Run(orders, transport, route);
  for (const [group, client] of clients) await run.serve(group, client);
  const result = await run.finished(inFlight);
  await transport.close();
  for (const client of clients.values()) await client.end();
  return result;
}

/** Starts an order whenever one ends, until all have ended. */
class Run {
  private begun = 0;
  private readonly ends: number[] = [];
  private done: () => void = () => undefined;

  constructor(
    private readonly orders: number,
    private readonly transport: Transport,
    private readonly route: readonly string[],
  ) {}

  serve(group: string, client: Client): Promise<void> {
    const consumer = new BareConsumer(group, client, (messages) => this.forward(messages));
    return this.transport.consume(group, (message, settle) => consumer.take(message, settle));
  }

  async finished(inFlight: number): Promise<BareRun> {
    const finished = new Promise<void>((resolve) => {
      this.done = resolve;
    });
    const started = performance.now();
    this.begin(inFlight);
    await finished;
    const seconds = (performance.now() - started) / 1000;
    return {
      perSecond: this.orders / seconds,
      betweenEndsMs: this.ends.map((end, i) => end - (this.ends[i - 1] ?? started)),
    };
  }

  private begin(count: number): Promise<void> {
    const fresh = Math.min(count, this.orders - this.begun);
    this.begun += fresh;
    const messages = Array.from({ length: fresh }, () => ({ order: randomUUID(), at: 0 }));
    return this.send(messages);
  }

  private async forward(messages: readonly Message[]): Promise<void> {
    const last = messages.filter(({ at }) => at + 1 === this.route.length).length;
    const next = messages
      .filter(({ at }) => at + 1 < this.route.length)
      .map(({ order, at }) => ({ order, at: at + 1 }));
    const now = performance.now();
    for (let i = 0; i < last; i += 1) this.ends.push(now);
    if (this.ends.length === this.orders) this.done();
    await Promise.all([this.send(next), this.begin(last)]);
  }

  private async send(messages: readonly Message[]): Promise<void> {
    const byGroup = new Map<string, Message[]>();
    for (const message of messages) {
      const group = this.route[message.at] ?? '';
      const known = byGroup.get(group);
      if (known) known.push(message);
      else byGroup.set(group, [message]);
    }
    await Promise.all([...byGroup].map(([group, each]) => this.transport.send(group, each)));
  }
}
