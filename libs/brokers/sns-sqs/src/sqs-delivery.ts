import type { BodyText, Delivery } from '@waybill/messaging';

/** The fields of a delivery. */
export interface DeliveryFacts extends BodyText {
  readonly channel: string;
  readonly partition: number;
  readonly redelivered: boolean;
  readonly expired: boolean;
  readonly gaveUp?: string | undefined;
}

/** A delivery that settles at most once; later calls, or calls after it was lost, have no effect. */
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
