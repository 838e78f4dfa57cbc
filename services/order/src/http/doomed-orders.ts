import { Inject, Injectable } from '@nestjs/common';
import { FAULTS, type FaultPoint, type FaultPoints } from '@waybill/service';
import type { PlaceOrderBody } from './orders.schema.ts';

const word = 'should_fail';
/** The test card whose payment is authorized and whose capture is refused. */
const failingToken = 'tok_capture_fails';

/**
 * The fault `should_fail`: orders with this word in their note that a card pays fail at their last step, so that all others are undone.
 * Without it, or where faults are not allowed, the note means nothing.
 */
@Injectable()
export class DoomedOrders {
  private readonly point: FaultPoint | undefined;

  constructor(@Inject(FAULTS) faults: FaultPoints | null) {
    this.point = faults?.point(
      word,
      `orders with ${word} in their note that a card pays: their capture is refused`,
    );
  }

  /** The payment of the order: the customer's, or one that fails. */
  async paymentOf({
    note,
    payment,
  }: Pick<PlaceOrderBody, 'note' | 'payment'>): Promise<PlaceOrderBody['payment']> {
    if (!this.point?.isOn || !note?.includes(word) || !('token' in payment)) return payment;
    const isDoomed = await this.point.pass().then(
      () => false,
      () => true,
    );
    return isDoomed ? { ...payment, token: failingToken } : payment;
  }
}
