import { alertWrongs } from './alert.wrongs.ts';
import { customerWrongs } from './customer.wrongs.ts';
import { inventoryWrongs } from './inventory.wrongs.ts';
import { messagingWrongs } from './messaging.wrongs.ts';
import { orderWrongs } from './order.wrongs.ts';
import { paymentWrongs } from './payment.wrongs.ts';
import { receivedWrongs } from './received.wrongs.ts';
import { shippingWrongs } from './shipping.wrongs.ts';
import { webhookWrongs } from './webhook.wrongs.ts';
import type { Wrong } from './wrong.ts';

export type { Wrong } from './wrong.ts';

/** Every violation that the invariants detect. */
export const wrongs: readonly Wrong[] = [
  ...orderWrongs,
  ...inventoryWrongs,
  ...paymentWrongs,
  ...shippingWrongs,
  ...customerWrongs,
  ...receivedWrongs,
  ...webhookWrongs,
  ...alertWrongs,
  ...messagingWrongs,
];
