import { type Envelope, type Message, StepFailed } from '@waybill/contracts';

/** What a saga must hear when its command becomes a dead letter: nothing for messages that are no commands of an order. */
export function stepFailed(
  envelope: Envelope,
  data: unknown,
  dead: { id: string; error: string },
): readonly Message[] {
  if (envelope.kind !== 'command' || envelope.source !== 'order') return [];
  const { orderId } = (data ?? envelope.data ?? {}) as { orderId?: unknown };
  const told = StepFailed.schema.safeParse({
    orderId,
    command: envelope.type,
    deadLetterId: dead.id,
    error: storable(dead.error),
  });
  return told.success ? [StepFailed(told.data) as Message] : [];
}

/** An error may quote anything; what no database holds must not bury the news with the message. */
const storable = (error: string): string =>
  error.replaceAll('\u0000', '').slice(0, 1000).toWellFormed();
