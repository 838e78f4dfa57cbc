import type { Contract } from '@waybill/message';
import * as analytics from './analytics.messages.ts';
import * as customer from './customer.messages.ts';
import * as inventory from './inventory.messages.ts';
import * as notification from './notification.messages.ts';
import * as order from './order.messages.ts';
import * as payment from './payment.messages.ts';
import * as shipping from './shipping.messages.ts';

/** Every contract whose messages leave a process, sorted by type. */
export const allContracts: readonly Contract[] = [
  analytics,
  customer,
  order,
  inventory,
  notification,
  payment,
  shipping,
]
  .flatMap((messages): unknown[] => Object.values(messages))
  .filter(isContract)
  .sort((a, b) => (a.type < b.type ? -1 : 1));

function isContract(value: unknown): value is Contract {
  return typeof value === 'function' && 'schema' in value && 'kind' in value;
}
