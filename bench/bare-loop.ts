import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

const batchLimit = 200;
const body = JSON.stringify({ note: 'x'.repeat(380) });

const schema = `
  create table inbox (grp text not null, id uuid not null, primary key (grp, id));
  create table events (stream uuid not null, version int not null, data text not null, primary key (stream, version));
  create table state (grp text not null, id uuid not null, version int not null, data text not null, primary key (grp, id)) with (fillfactor = 70);
  create table outbox (seq bigint generated always as identity primary key, id uuid not null, body text not null) with (fillfactor = 70)`;

/** Inbox, event, state and outbox of a whole batch, and the confirmed rows of the one before, in one statement. */
const step = `
  with given as (select * from unnest($2::uuid[], $3::uuid[], $4::int[]) as g(message, stream, version)),
  i as (insert into inbox select $1, message from given on conflict do nothing returning id),
  e as (insert into events select stream, version, $5 from given join i on i.id = given.message),
  s as (insert into state select $1, stream, version, $5 from given join i on i.id = given.message
        on conflict (grp, id) do update set version = excluded.version, data = excluded.data),
  o as (insert into outbox (id, body) select message, $5 from given join i on i.id = given.message returning seq),
  d as (delete from outbox where seq = any($6::bigint[]))
  select array_agg(seq) as seqs from o`;

interface Message {
  readonly order: string;
  readonly at: number;
}

/** Where a message goes next: nine deliveries after the accept, ten durable steps an order. */
const route = [
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
] as const;

/** One consumer: all that queued while the last batch ran, in one transaction, then the next queue. */
class BareConsumer {
  private queue: Message[] = [];
  private confirmed: string[] = [];
  private running = false;

  constructor(
    private readonly group: string,
    private readonly client: Client,
    private readonly forward: (messages: readonly Message[]) => void,
  ) {}

  take(message: Message): void {
    this.queue.push(message);
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
          batch.map((m) => m.order),
          batch.map((m) => m.at),
          body,
          this.confirmed,
        ],
      });
      this.confirmed = rows[0]?.seqs ?? [];
      this.forward(batch);
    }
    this.running = false;
  }
}

/**
 * Orders a second of a loop that does the durable steps of an order and nothing else: no framework, no
 * validation, no ledger, no sandbox. It is the unit that Waybill is measured in (L).
 */
export async function bareLoop(url: string, orders: number, inFlight: number): Promise<number> {
  const clients = new Map<string, Client>();
  for (const group of new Set(route)) {
    const client = new Client({ connectionString: url });
    await client.connect();
    clients.set(group, client);
  }
  await clients.get('order')?.query(schema);
  const started = performance.now();
  await new Promise<void>((done) => {
    let [begun, ended] = [0, 0];
    const consumers = new Map<string, BareConsumer>();
    const send = (message: Message): void =>
      consumers.get(route[message.at] ?? 'order')?.take(message);
    const begin = (): void => {
      if (begun >= orders) return;
      begun += 1;
      send({ order: randomUUID(), at: 0 });
    };
    const forward = (messages: readonly Message[]): void => {
      for (const { order, at } of messages) {
        if (at + 1 < route.length) send({ order, at: at + 1 });
        else {
          ended += 1;
          begin();
        }
      }
      if (ended === orders) done();
    };
    for (const [group, client] of clients)
      consumers.set(group, new BareConsumer(group, client, forward));
    for (let i = 0; i < inFlight; i += 1) begin();
  });
  const seconds = (performance.now() - started) / 1000;
  for (const client of clients.values()) await client.end();
  return orders / seconds;
}
