import { derivedId } from '@waybill/message';
import { effect } from '@waybill/messaging';
import { handledOf, pageKey } from '@waybill/persistence';
import type { DataSource } from 'typeorm';

/** One message of an order as one group processed it, or what came of it: a step of a saga, or a call outside. */
export interface JourneyRow {
  readonly kind?: 'saga' | 'effect';
  readonly service: string;
  readonly group: string;
  readonly messageId: string;
  readonly causationId: string | null;
  readonly correlationId: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly broker: string;
  readonly channel: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly at: string;
  readonly durationMs: number;
}

interface InboxColumns {
  readonly group_name: string;
  readonly message_id: string;
  readonly causation_id: string | null;
  readonly correlation_id: string;
  readonly type: string;
  readonly source: string;
  readonly broker: string;
  readonly channel: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly at: Date;
  readonly duration_ms: number;
  readonly notes: readonly Note[] | null;
}

/** What processing a message did: a step of a saga, or a call outside with its milliseconds. */
type Note =
  | readonly [saga: string, what: string, step: string | null, detail?: string]
  | readonly [what: typeof effect, durationMs: number];

const longestJourney = 2_000;

/**
 * Every message of a key that the service has processed, oldest first. To order the rows of several services, use
 * `causationId`, never their clocks.
 */
export async function journeyOf(
  service: string,
  dataSource: DataSource,
  key: string,
): Promise<readonly JourneyRow[]> {
  const rows = await dataSource.query<InboxColumns[]>(
    `select group_name, message_id, causation_id, correlation_id, type, source, broker, channel, attempt,
            outcome, at, duration_ms, notes
     from (${handledOf('$1', '$2')}) handled order by message_id, group_name limit ${longestJourney}`,
    [[key], [pageKey(key)]],
  );
  return rows.flatMap((row) => {
    const message = messageOf(service, row);
    return [message, ...(row.notes ?? []).map((note, place) => cameOf(message, note, place))];
  });
}

/** Deferred messages are stored as `parked`. */
const shown = (stored: string): string => (stored === 'parked' ? 'deferred' : stored);

function messageOf(service: string, row: InboxColumns): JourneyRow {
  return {
    service,
    group: row.group_name,
    messageId: row.message_id,
    causationId: row.causation_id,
    correlationId: row.correlation_id,
    name: row.type,
    from: row.source,
    to: service,
    broker: shown(row.broker),
    channel: row.channel,
    attempt: row.attempt,
    outcome: shown(row.outcome),
    at: row.at.toISOString(),
    durationMs: row.duration_ms,
  };
}

function cameOf(message: JourneyRow, note: Note, place: number): JourneyRow {
  const { service, messageId, name } = message;
  const idOf = (n: number): string => derivedId(messageId, `journey/${service}/${n}`);
  const came = {
    ...message,
    messageId: idOf(place),
    // Each follows the one before, so that they stay in order.
    causationId: place === 0 ? messageId : idOf(place - 1),
    from: service,
    broker: 'local',
  };
  if (isEffect(note)) {
    const [kind, durationMs] = note;
    return { ...came, kind, to: 'outside', channel: kind, name: `${name}.call`, durationMs };
  }
  const [saga, what, step] = note;
  const named = [saga, step, what].filter((part) => part !== null).join('.');
  return { ...came, kind: 'saga', to: service, channel: 'saga', name: named, durationMs: 0 };
}

const isEffect = (note: Note): note is readonly [typeof effect, number] => note[0] === effect;
