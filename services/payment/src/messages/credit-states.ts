import type { DecideContext, StateRef } from '@waybill/messaging';
import type { Credit } from '../domain/credit-payment.ts';
import type { PaidWith, Payment } from '../domain/payment.ts';
import { creditAccounts, creditPayments } from '../storage/payment.entities.ts';

type Read = DecideContext<unknown>['read'];

/** The states of the store credit that an order uses; none without a customer. */
export const creditRefs = (orderId: string, customerId: string | undefined): readonly StateRef[] =>
  customerId === undefined ? [] : [creditPayments.at(orderId), creditAccounts.at(customerId)];

/** The store credit that an order uses; nothing without a customer. */
export const creditOf = (orderId: string, customerId: string | undefined, read: Read): Credit =>
  customerId === undefined
    ? { payment: undefined, account: undefined }
    : { payment: read(creditPayments.at(orderId)), account: read(creditAccounts.at(customerId)) };

/** What an order is paid with, of which `card` was read already. */
export const paidWith = (
  card: Payment | undefined,
  orderId: string,
  customerId: string | undefined,
  read: Read,
): PaidWith => ({ card, credit: creditOf(orderId, customerId, read) });
