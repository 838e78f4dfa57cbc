import { Injectable } from '@nestjs/common';
import { mostIds, type PartPage, type PartQuery, SystemOperations } from '@waybill/service';

/** Which service has which part. A single part is the first item, or null. */
const parts = [
  ['account', 'customer', 'single'],
  ['preferences', 'customer', 'single'],
  ['addresses', 'customer', 'list'],
  ['sessions', 'customer', 'list'],
  ['credit', 'payment', 'single'],
  ['creditEntries', 'payment', 'list'],
  ['webhooks', 'notification', 'list'],
  ['otherNotifications', 'notification', 'list'],
] as const;

/** Parts about orders, or about their shipments. */
const partsOfOrders = [
  ['payments', 'payment', 'orders'],
  ['shipments', 'shipping', 'shipments'],
  ['notifications', 'notification', 'orders'],
] as const;

interface ExportedOrder {
  readonly id: string;
  readonly shipments: readonly { readonly id: string }[];
}

/** Reads the pages of a part; one that fails ends the part, and names it in `missing`. */
class Export {
  readonly missing = new Set<string>();

  constructor(
    private readonly operations: SystemOperations,
    private readonly subject: string,
  ) {}

  async *items(
    part: string,
    service: string,
    query: Pick<PartQuery, 'about'> = {},
  ): AsyncGenerator<object> {
    let after: string | null = null;
    do {
      const page: PartPage | null = await this.page(part, service, {
        ...query,
        subject: this.subject,
        ...(after === null ? {} : { after }),
      });
      if (!page) return;
      yield* page.items;
      after = page.next;
    } while (after !== null);
  }

  private async page(part: string, service: string, query: PartQuery): Promise<PartPage | null> {
    try {
      return await this.operations.personalData(service, part, query);
    } catch {
      this.missing.add(part);
      return null;
    }
  }
}

/** Everything that the system has of a customer. */
@Injectable()
export class PersonalExport {
  constructor(private readonly operations: SystemOperations) {}

  /** The JSON text, a piece at a time: a page of one part is in memory, and the ids of all orders. */
  async *text(customerId: string, at: Date): AsyncGenerator<string> {
    const found = new Export(this.operations, customerId);
    yield `{"customerId":${JSON.stringify(customerId)},"exportedAt":"${at.toISOString()}"`;
    for (const [part, service, kind] of parts) {
      const items = found.items(part, service);
      if (kind === 'list') yield* listOf(part, items);
      else yield `,"${part}":${JSON.stringify((await items.next()).value ?? null)}`;
    }
    const ids: Record<'orders' | 'shipments', string[]> = { orders: [], shipments: [] };
    yield* listOf('orders', found.items('orders', 'order'), (item) => {
      const { id, shipments } = item as ExportedOrder;
      ids.orders.push(id);
      ids.shipments.push(...shipments.map((each) => each.id));
    });
    for (const [part, service, about] of partsOfOrders) {
      if (found.missing.has('orders')) found.missing.add(part);
      yield* listOf(
        part,
        itemsAbout(ids[about], (some) => found.items(part, service, { about: some })),
      );
    }
    yield `,"missing":${JSON.stringify([...found.missing])}}`;
  }
}

async function* itemsAbout(
  ids: readonly string[],
  read: (some: readonly string[]) => AsyncGenerator<object>,
): AsyncGenerator<object> {
  for (let at = 0; at < ids.length; at += mostIds) yield* read(ids.slice(at, at + mostIds));
}

async function* listOf(
  name: string,
  items: AsyncIterable<object>,
  each: (item: object) => void = () => {},
): AsyncGenerator<string> {
  yield `,"${name}":[`;
  let separator = '';
  for await (const item of items) {
    each(item);
    yield separator + JSON.stringify(item);
    separator = ',';
  }
  yield ']';
}
