import { maySee, OrderOwner } from '@waybill/gateway';
import type { RunningService } from '@waybill/service';

/** Calls the route of the order service in this process, so that the ownership rule exists only there. */
export class LocalOrders extends OrderOwner {
  constructor(private readonly services: readonly RunningService[]) {
    super();
  }

  async sees(orderId: string, authorization: string): Promise<boolean> {
    const order = this.services.find(({ name }) => name === 'order');
    const answer = await order?.app.inject({
      url: `/api/v1/orders/${encodeURIComponent(orderId)}`,
      headers: { authorization },
    });
    return maySee(answer?.statusCode ?? 503);
  }
}
