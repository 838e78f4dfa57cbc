import type { BodyText, Delivery } from '@waybill/messaging';

/** What a delivery tells its consumer. */
export interface DeliveryFacts extends BodyText {
  readonly channel: string;
  readonly shard: number;
  readonly redelivered: boolean;
  readonly expired: boolean;
  readonly gaveUp?: string | undefined;
}

/** A delivery that is settled once; what comes later, or after it was lost, changes nothing. */
export function sqsDelivery(
  facts: DeliveryFacts,
  settle: (how: 'acked' | 'givenBack') => void,
): { readonly delivery: Delivery; readonly close: () => void } {
  const { expired, gaveUp, ...rest } = facts;
  let open = true;
  const once = (how: 'acked' | 'givenBack') => () => {
    if (!open) return;
    open = false;
    settle(how);
  };
  const delivery: Delivery = {
    ...rest,
    ...(expired ? { expired } : {}),
    ...(gaveUp === undefined ? {} : { gaveUp }),
    ack: once('acked'),
    giveBack: once('givenBack'),
  };
  const close = (): void => {
    open = false;
  };
  return { delivery, close };
}
