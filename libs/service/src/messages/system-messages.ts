import { type Page, PagedList, Problem } from '@waybill/http';
import { z } from 'zod';
import { merge } from '../ops/merge.ts';
import type { Operations } from '../ops/operations.ts';
import type { DeferredMessage, MessagePlace, MessageState } from './message-access.ts';

/** Where a message is in the whole system. */
export interface FoundMessage {
  readonly id: string;
  readonly state: MessageState;
  readonly type: string | null;
  readonly channel: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly places: readonly MessagePlace[];
  readonly missing: readonly string[];
}

/** What needs attention comes first: a message that is dead in one group is dead, whatever others did with it. */
const worstFirst: readonly MessageState[] = [
  'dead',
  'failed',
  'processing',
  'pending',
  'completed',
];

const deferredList = new PagedList(
  'deferred',
  z.strictObject({ service: z.string().max(200), seq: z.int().min(0) }),
);

/** The messages of all services. */
export class SystemMessages {
  constructor(private readonly services: readonly Pick<Operations, 'service' | 'messages'>[]) {}

  /** Rejects with 404 if no service knows the message, and with 503 if one of them did not answer then. */
  async find(id: string): Promise<FoundMessage> {
    const { items: places, missing } = await merge(this.services, ({ messages }) =>
      messages.places(id),
    );
    if (places.length === 0 && missing.length > 0)
      throw new Problem(503, 'unavailable', `${missing.join(', ')} did not answer; try again`, {
        headers: { 'retry-after': '2' },
      });
    if (places.length === 0)
      throw new Problem(404, 'not_found', `no service knows a message ${id}`);
    const states = new Set(places.map(({ state }) => state));
    const first = <K extends 'type' | 'channel' | 'partition' | 'offset'>(field: K) =>
      places.find((place) => place[field] !== null)?.[field] ?? null;
    return {
      id,
      state: worstFirst.find((state) => states.has(state)) ?? 'completed',
      type: first('type'),
      channel: first('channel'),
      partition: first('partition'),
      offset: first('offset'),
      places,
      missing,
    };
  }

  /** The oldest first, service by service. */
  async deferred(
    filter: { readonly group?: string },
    limit: number,
    cursor?: string,
  ): Promise<Page<Omit<DeferredMessage, 'seq'>> & { readonly missing: readonly string[] }> {
    const { after, take, page } = deferredList.read({ limit, cursor }, filter);
    const { items, missing } = await merge(this.services, async ({ service, messages }) => {
      if (after && service < after.service) return [];
      return messages.deferred(filter, take, service === after?.service ? after.seq : 0);
    });
    const ordered = [...items].sort(oldestFirst);
    const shown = page(ordered, ({ service, seq }) => ({ service, seq }));
    return { ...shown, items: shown.items.map(({ seq: _, ...message }) => message), missing };
  }
}

const oldestFirst = (a: DeferredMessage, b: DeferredMessage): number =>
  a.service === b.service ? a.seq - b.seq : a.service < b.service ? -1 : 1;
