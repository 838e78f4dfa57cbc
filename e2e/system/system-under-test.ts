import type { Client, OrderView } from './client.ts';
import type { TestDataFolder } from './data-folder.ts';
import { eventually } from './eventually.ts';
import type { SandboxControl } from './sandbox-control.ts';
import type { User } from './users.ts';

/** What tests need of a system, whether it is one process or many. */
export interface SystemUnderTest {
  readonly url: string;
  readonly data: TestDataFolder;
  readonly sandboxes: SandboxControl;
  /** A client that is signed in as `user`. */
  as(user: User): Promise<Client>;
  /** A client without a token. */
  anonymous(): Client;
  /** Resolves with the order once it has a status. */
  reaches(client: Client, id: string, status: string): Promise<OrderView>;
  /** The violations once everything has settled; empty when all invariants hold. */
  verify(within?: number): Promise<string[]>;
}

/** Reads an order until it has a status. */
export const orderThatIs = (client: Client, id: string, status: string): Promise<OrderView> =>
  eventually(`order ${id} is ${status}`, async () => {
    const order = await client.order(id);
    return order.status === status && order;
  });

/** Resolves when a new order is accepted. */
export async function ordersAreAccepted(system: Pick<SystemUnderTest, 'as'>): Promise<void> {
  await eventually('orders are accepted', async () => {
    const grace = await system.as('grace');
    const { status } = await grace.placeOrderOnce();
    return status === 202;
  });
}
