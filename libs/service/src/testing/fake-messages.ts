import type { DeferredMessage, MessageAccess, MessagePlace } from '../messages/message-access.ts';

/** The messages of a service, as lists in memory. */
export class FakeMessages implements MessageAccess {
  found: MessagePlace[] = [];
  waiting: DeferredMessage[] = [];
  away = false;

  constructor(private readonly service: string) {}

  async places(): Promise<readonly MessagePlace[]> {
    this.answer();
    return this.found;
  }

  async deferred(
    { group }: { readonly group?: string },
    limit: number,
    after = 0,
  ): Promise<readonly DeferredMessage[]> {
    this.answer();
    return this.waiting
      .filter((each) => each.seq > after && (group === undefined || each.group === group))
      .slice(0, limit);
  }

  /** A place of a message in this service, with defaults for what a test does not set. */
  place(state: MessagePlace['state'], place: MessagePlace['place']): void {
    this.found.push({
      place,
      service: this.service,
      group: this.service,
      state,
      type: 'order.placed',
      channel: 'order.events',
      partition: 1,
      offset: null,
      attempt: 1,
      at: '2026-01-01T00:00:00.000Z',
      dueAt: null,
      error: null,
      deadLetterId: null,
    });
  }

  /** Defers a message, as the next one of a group. */
  defer(group: string): void {
    const seq = this.waiting.length + 1;
    const messageId = `01980000-0000-7000-8000-${String(seq).padStart(12, '0')}`;
    this.waiting.push({
      seq,
      service: this.service,
      group,
      messageId,
      type: 'order.placed',
      channel: 'order.events',
      partition: 1,
      key: 'k',
      attempt: 1,
      reason: 'retry',
      error: 'busy',
      firstAt: '2026-01-01T00:00:00.000Z',
      dueAt: null,
    });
  }

  private answer(): void {
    if (this.away) throw new Error('away');
  }
}
