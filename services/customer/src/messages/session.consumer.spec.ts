import { expect, it } from '@jest/globals';
import { CustomerSignedIn, CustomerSignedOut } from '@waybill/contracts';
import { handlerSpec } from '@waybill/testing';
import { SessionConsumer } from './session.consumer.ts';

const consumer = new SessionConsumer();
const sessionId = '01980000-0000-7000-8000-000000000001';
const started = {
  sessionId,
  customerId: 'ada',
  familyHash: 'family',
  tokenHash: 'one',
  expiresAt: '2036-01-01T00:00:00Z',
};
const session = {
  id: sessionId,
  customerId: 'ada',
  familyHash: 'family',
  tokenHash: 'two',
  startedAt: '2026-01-01T00:00:00.000Z',
  refreshedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2036-01-01T00:00:00.000Z',
  endedAt: null,
  endReason: null,
};
const shown = { sessionId, nextTokenHash: 'three', expiresAt: session.expiresAt };

it('publishes who signs in, once', () => {
  const { decision } = handlerSpec(consumer.start()).when(started);
  const [sent] = decision.send ?? [];
  expect(sent?.contract.type).toBe(CustomerSignedIn.type);
  expect(sent?.data).toEqual({ customerId: 'ada', sessionId, at: expect.any(String) });
  expect(handlerSpec(consumer.start()).given(session).when(started).decision).toEqual({});
});

it('publishes nothing when a session is refreshed', () => {
  const data = { ...shown, tokenHash: 'two', wasValid: true };
  const { decision } = handlerSpec(consumer.refresh()).given(session).when(data);
  expect([decision.answer, decision.send]).toEqual(['refreshed', undefined]);
});

it.each([
  ['signed_out', consumer.end(), { sessionId }],
  ['reused', consumer.refresh(), { ...shown, tokenHash: 'one', wasValid: false }],
])('publishes that a session has ended, once: %s', (reason, handler, data) => {
  const { decision } = handlerSpec(handler)
    .given(session)
    .when(data as never);
  const [sent] = decision.send ?? [];
  expect(sent?.contract.type).toBe(CustomerSignedOut.type);
  expect(sent?.data).toMatchObject({ customerId: 'ada', sessionId, reason });
  const over = { ...session, endedAt: session.startedAt, endReason: 'signed_out' as const };
  expect(
    handlerSpec(handler)
      .given(over)
      .when(data as never).decision.send,
  ).toBeUndefined();
});
