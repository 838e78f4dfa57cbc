import { expect, it } from '@jest/globals';
import type { OrderSums } from '@waybill/payment-provider';
import type { ProviderEvent } from '../domain/provider-event.ts';
import {
  type OpenProvider,
  Order,
  type ProviderUnderTest,
  useProvider,
} from './provider.contract.ts';

/** A provider whose faults can be chosen, and whose books can be read. */
export interface FaultyProvider extends ProviderUnderTest {
  setFaults(faults: object): Promise<void>;
  sumsOf(orderId: string): OrderSums | undefined;
  openDispute(authorization: string): Promise<void>;
  /** Resolves with the events of a type that its webhooks have told about an order, once there are `count`, or one. */
  told(
    orderId: string,
    type: ProviderEvent['type'],
    count?: number,
  ): Promise<readonly ProviderEvent[]>;
}

/** What a provider does when the network and its customers do what they want. */
export function faultyProviderContract(open: OpenProvider<FaultyProvider>): void {
  const subject = useProvider(open);
  faultCases(subject);
  challengeCases(subject);
  webhookCases(subject);
}

type Subject = () => FaultyProvider;

const newOrder = (subject: Subject) => new Order(subject().provider);
const sumsOf = (subject: Subject, { orderId }: Order) => subject().sumsOf(orderId);

function faultCases(subject: Subject): void {
  async function losing(request: () => Promise<unknown>): Promise<void> {
    await subject().setFaults({ lostAnswerShare: 1 });
    await expect(request()).rejects.toMatchObject({ retriable: true });
    await subject().setFaults({});
  }

  it('carries out each operation once although its answer was lost', async () => {
    const paid = newOrder(subject);
    await losing(() => paid.authorize());
    expect(await paid.authorize()).toMatchObject({ status: 'authorized', amount: 1_999 });
    await losing(() => paid.capture());
    expect(await paid.capture()).toMatchObject({ status: 'captured', amount: 1_999 });
    await losing(() => paid.refund(500, 'one'));
    expect(await paid.refund(500, 'one')).toMatchObject({ status: 'refunded', amount: 500 });
    const moved = { charges: 1, authorized: 1_999, captured: 1_999, refunded: 500, voided: 0 };
    expect(sumsOf(subject, paid)).toMatchObject(moved);
  });

  it('voids an authorization whose answer was lost', async () => {
    const given = newOrder(subject);
    await losing(() => given.authorize());
    await losing(() => given.void());
    expect(await given.void()).toMatchObject({ status: 'voided', amount: 1_999 });
    expect(sumsOf(subject, given)).toMatchObject({ charges: 1, authorized: 1_999, voided: 1_999 });
  });

  it.each([
    ['is down', { down: true }],
    ['fails', { errorShare: 1 }],
    ['has too many requests', { errorShare: 1, errorStatus: 429 }],
  ])('leaves the outcome open while it %s', async (_, faults) => {
    const paid = newOrder(subject);
    await subject().setFaults(faults);
    await expect(paid.authorize()).rejects.toMatchObject({ retriable: true });
    await expect(paid.void()).rejects.toMatchObject({ retriable: true });
    await subject().setFaults({});
    expect(await paid.authorize()).toMatchObject({ status: 'authorized' });
    expect(sumsOf(subject, paid)).toMatchObject({ charges: 1 });
  });
}

function challengeCases(subject: Subject): void {
  /** A payment that its customer is asked about. */
  async function asked() {
    const paid = newOrder(subject);
    const { actionUrl = '' } = await paid.authorize('tok_3ds');
    const decide = async (decision: 'approve' | 'decline') => {
      expect((await fetch(`${actionUrl}/${decision}`, { method: 'POST' })).status).toBe(200);
    };
    return { paid, decide };
  }

  it('knows, and tells, that a customer has approved', async () => {
    const { paid, decide } = await asked();
    await decide('approve');
    await decide('decline');
    expect(await paid.find()).toMatchObject({ status: 'authorized', amount: 1_999 });
    expect(await paid.authorize('tok_3ds')).toMatchObject({ status: 'authorized' });
    const { orderId, authorization: operationId } = paid;
    const [event] = await subject().told(orderId, 'charge.authorized');
    const sum = { amount: 1_999, currency: 'EUR' };
    expect(event).toMatchObject({ orderId, operationId, ...sum });
    expect(await paid.capture()).toMatchObject({ status: 'captured' });
  });

  it('knows, and tells, that a customer has declined', async () => {
    const { paid, decide } = await asked();
    await decide('decline');
    const declined = { status: 'declined', amount: 0, reason: 'authentication_failed' };
    expect(await paid.find()).toMatchObject(declined);
    await subject().told(paid.orderId, 'charge.declined');
    expect(await paid.void()).toMatchObject({ status: 'declined' });
  });

  it('ends what a customer has abandoned: an approval comes too late', async () => {
    const { paid, decide } = await asked();
    expect(await paid.void()).toMatchObject({ status: 'voided', amount: 0 });
    await decide('approve');
    expect(await paid.find()).toMatchObject({ status: 'voided' });
    expect(sumsOf(subject, paid)?.authorized ?? 0).toBe(0);
  });
}

function webhookCases(subject: Subject): void {
  it('tells of a dispute, which a refund concedes, so that the customer is paid once', async () => {
    const paid = newOrder(subject);
    await paid.authorize();
    await paid.capture();
    await subject().openDispute(paid.authorization);
    await subject().told(paid.orderId, 'charge.disputed');
    const refunded = { status: 'refunded', amount: 1_999 };
    expect(await paid.refund(1_999, 'whole')).toMatchObject(refunded);
    expect(await paid.refund(1_999, 'whole')).toMatchObject(refunded);
    expect(await paid.refund(1_999, 'again')).toMatchObject({ status: 'refused' });
    expect(sumsOf(subject, paid)).toMatchObject({ captured: 1_999, refunded: 1_999 });
  });

  it('tells of a refund with its operation, and of everything twice where webhooks are', async () => {
    const paid = newOrder(subject);
    await paid.authorize();
    await paid.capture();
    await subject().setFaults({ duplicates: true });
    await paid.refund(5, 'small');
    const refunds = await subject().told(paid.orderId, 'charge.refunded', 2);
    const operationId = `${paid.orderId}/refund-payment/small`;
    expect(refunds).toEqual([refunds[0], refunds[0]]);
    expect(refunds[0]).toMatchObject({ operationId, amount: 5, currency: 'EUR' });
  });
}
