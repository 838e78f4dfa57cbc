import { channelOf, type Envelope, encode, type Kind } from '@waybill/message';
import {
  attributesOf,
  type Broker,
  type Brokers,
  isSampled,
  type Span,
  type Tracer,
} from '@waybill/messaging';
import type { Waiting } from './outbox-partition.ts';

type Settled = (row: Waiting, error?: Error) => void;

/** Passes rows to their brokers; each row settles exactly once, also when a broker throws. */
export class Publisher {
  /** Number of lost live messages, which are best effort. */
  lost = 0;
  private readonly byName: ReadonlyMap<string, Broker>;

  constructor(
    private readonly brokers: Brokers,
    private readonly tracer?: Tracer | undefined,
  ) {
    this.byName = new Map(brokers.all().map((broker) => [broker.name, broker]));
  }

  names(): string[] {
    return [...this.byName.keys()];
  }

  brokerOf(kind: Kind): Broker {
    return this.brokers.brokerFor(kind);
  }

  /** Rows for a broker that is no longer configured go to the broker that now carries their kind. */
  publish(name: string, rows: readonly Waiting[], confirmed: Settled): void {
    const settled = this.traced(name, rows, confirmed);
    const known = this.byName.get(name);
    if (known) {
      send(known, rows, settled);
      return;
    }
    for (const row of rows) send(this.brokers.brokerFor(row.envelope.kind), [row], settled);
  }

  /** Each message whose trace is recorded gets a span that ends when its broker confirms or refuses it. */
  private traced(name: string, rows: readonly Waiting[], settled: Settled): Settled {
    const { tracer } = this;
    const recorded = tracer ? rows.filter(({ envelope }) => isSampled(envelope.traceparent)) : [];
    if (!tracer || recorded.length === 0) return settled;
    const spans = new Map(recorded.map((row) => [row, publishSpan(tracer, name, row)]));
    return (row, error) => {
      spans.get(row)?.end({ error });
      settled(row, error);
    };
  }

  announce(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      const context = envelope.type.slice(0, envelope.type.indexOf('.'));
      const channel = channelOf({ context, kind: envelope.kind });
      try {
        this.brokers
          .brokerFor(envelope.kind)
          .publish([{ channel, envelope, body: encode(envelope) }], (_, error) => {
            if (error) this.lost += 1;
          });
      } catch {
        this.lost += 1;
      }
    }
  }
}

const publishSpan = (tracer: Tracer, broker: string, { envelope, channel }: Waiting): Span | null =>
  tracer.begin(`publish ${envelope.type}`, {
    kind: 'producer',
    parent: envelope.traceparent,
    attributes: {
      ...attributesOf(envelope),
      'messaging.system': broker,
      'messaging.operation.type': 'send',
      'messaging.destination.name': channel,
    },
  });

/** By id. After a redrive the same message may be here twice, and a broker settles each id of a call once. */
function eachOnce(rows: readonly Waiting[]) {
  const open = new Map<string, Waiting>();
  const again: Waiting[] = [];
  for (const row of rows) {
    if (open.has(row.id)) again.push(row);
    else open.set(row.id, row);
  }
  return { open, again };
}

function send(broker: Broker, rows: readonly Waiting[], settled: Settled): void {
  const { open, again } = eachOnce(rows);
  let failed: Error | undefined;
  const settle = (id: string, error?: Error): void => {
    failed ??= error;
    const row = open.get(id);
    if (row && open.delete(id)) settled(row, error);
  };
  try {
    broker.publish(again.length === 0 ? rows : [...open.values()], settle);
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error));
    for (const { id } of rows) settle(id, reason);
  }
  // Refused messages come first.
  if (failed) for (const row of again) settled(row, failed);
  else if (again.length > 0) send(broker, again, settled);
}
