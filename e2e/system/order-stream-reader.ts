import type { Client, OrderView } from './client.ts';
import { EventReader } from './event-reader.ts';
import { eventually } from './eventually.ts';
import { patient } from './patience.config.ts';

export interface StreamedOrder {
  readonly id: number;
  readonly event: string;
  readonly order: OrderView;
}

/** Reads the event stream of an order as it arrives. */
export class OrderStreamReader {
  private constructor(private readonly reader: EventReader<OrderView>) {}

  /** Resolves when the stream is open or was refused. */
  static async open(
    client: Client,
    orderId: string,
    { lastEventId, query = '' }: { lastEventId?: string; query?: string } = {},
  ): Promise<OrderStreamReader> {
    const headers: Record<string, string> =
      lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const path = `/api/v1/orders/${orderId}/stream${query}`;
    return new OrderStreamReader(await EventReader.open(client, path, { headers }));
  }

  get answer() {
    return this.reader.answer;
  }

  /** True once the server has ended the stream in order. */
  get ended(): boolean {
    return this.reader.ended;
  }

  get events(): readonly StreamedOrder[] {
    return this.reader.events.map(({ id, event, data }) => ({
      id: Number(id),
      event,
      order: data,
    }));
  }

  get ids(): number[] {
    return this.events.map(({ id }) => id);
  }

  /** Resolves with the last event once a version has arrived. */
  reaches(version: number, within = patient(10_000)): Promise<StreamedOrder> {
    return eventually(`version ${version} streams`, async () => this.at(version), within);
  }

  /** Resolves with the event once the order has a status. */
  reachesStatus(status: string): Promise<StreamedOrder> {
    return eventually(`${status} streams`, async () =>
      this.events.find(({ order }) => order.status === status),
    );
  }

  close(): void {
    this.reader.close();
  }

  private at(version: number): StreamedOrder | undefined {
    return this.events.find(({ id }) => id === version);
  }
}
