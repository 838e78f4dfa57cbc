import { type Envelope, type Message, StepFailed } from '@waybill/contracts';

/** What a saga must hear when its command becomes a dead letter: nothing for messages that are no commands of an order. */
export function stepFailed(
  envelope: Envelope,
  data: unknown,
  dead: { id: string; error: string },
): readonly Message[] {
  if (envelope.kind !== 'command' || envelope.source !== 'order') return [];
  const orderId = (data ?? envelope.data) as { orderId?: unknown };
  if (typeof orderId?.orderId !== 'string') return [];
  return [
    StepFailed({
      orderId: orderId.orderId,
      command: envelope.type,
      deadLetterId: dead.id,
      error: dead.error.slice(0, 1000),
    }) as Message,
  ];
}
