import { maySee, OrderOwner } from '../order-owner.ts';
import { get, type ServiceDoor } from './service-door.ts';

const patience = 3_000;

/** Calls the order service's own route, so that the ownership rule exists only there. */
export class RemoteOrders extends OrderOwner {
  constructor(private readonly door: ServiceDoor) {
    super();
  }

  async sees(orderId: string, authorization: string): Promise<boolean> {
    const path = `/api/v1/orders/${encodeURIComponent(orderId)}`;
    const { status } = await this.door.ofOne((replica) =>
      get(replica, path, patience, { authorization }),
    );
    return maySee(status);
  }
}
