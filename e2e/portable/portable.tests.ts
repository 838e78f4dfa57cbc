import { describe } from '@jest/globals';
import { accessTests } from './access.tests.ts';
import { availabilityTests } from './availability.tests.ts';
import { badOrderTests } from './bad-orders.tests.ts';
import { cancelTests } from './cancels.tests.ts';
import { catalogueTests } from './catalogue.tests.ts';
import { challengeTests } from './challenges.tests.ts';
import { documentTests } from './document.tests.ts';
import { faultTests } from './faults.tests.ts';
import { firstOrderTests } from './first-order.tests.ts';
import { idempotencyTests } from './idempotency.tests.ts';
import { invoiceTests } from './invoices.tests.ts';
import { orderListTests } from './lists.tests.ts';
import { operationTests } from './operations.tests.ts';
import { pageTests } from './pages.tests.ts';
import { parcelTests } from './parcels.tests.ts';
import { paymentTests } from './payments.tests.ts';
import { promiseTests } from './promises.tests.ts';
import { placeDoomedOrders, rejectionTests } from './rejections.tests.ts';
import { requestTests } from './requests.tests.ts';
import { returnTests } from './returns.tests.ts';
import { sagaTests } from './sagas.tests.ts';
import { shippingTests } from './shipping.tests.ts';
import { streamTests } from './stream.tests.ts';
import { targetSettings } from './target.config.ts';
import type { Target } from './target.ts';
import { taxTests } from './taxes.tests.ts';
import { voucherTests } from './vouchers.tests.ts';

/** Everything that a healthy system shows through its public API, independent of how and where it runs. */
export function portableTests(target: () => Target): void {
  const doomed = placeDoomedOrders(target);
  describe('the API document', () => documentTests(target));
  describe('an order', () => firstOrderTests(target));
  describe('an order with an idempotency key', () => idempotencyTests(target));
  describe('a bad order', () => badOrderTests(target));
  describe('a cancel', () => cancelTests(target));
  if (targetSettings.paymentPages)
    describe('payments that customers must confirm', () => challengeTests(target));
  describe('an invoice', () => invoiceTests(target));
  describe('a return', () => returnTests(target));
  describe('orders in lists', () => orderListTests(target));
  describe('the stream of an order', () => streamTests(target));
  describe('the catalogue', () => catalogueTests(target));
  describe('what can be bought', () => availabilityTests(target));
  describe('taxes', () => taxTests(target));
  describe('vouchers', () => voucherTests(target));
  describe('shipping', () => shippingTests(target));
  describe('orders with several parcels', () => parcelTests(target));
  describe('payments', () => paymentTests(target));
  describe('sagas', () => sagaTests(target));
  describe('operations', () => operationTests(target));
  describe('faults', () => faultTests(target));
  describe('access', () => accessTests(target));
  describe('every route', () => requestTests(target));
  describe('every list', () => pageTests(target));
  describe('an order that cannot be fulfilled', () => rejectionTests(target, doomed));
  describe('what must always hold', () => promiseTests(target));
}
