import { BrokerAway, InvalidBrokerSetting } from '@waybill/messaging';
/** A memory or disk alarm blocks publishing; the sender waits and retries. */
export class RabbitMqBlocked extends Error {
  readonly code = 'broker_blocked';
  readonly countsAsAttempt = false;
  constructor(reason: string) {
    super(`RabbitMQ takes no messages for now: ${reason}`);
    this.name = 'RabbitMqBlocked';
  }
}

/** RabbitMQ did not confirm a message, or nacked it; the message may be stored anyway. */
export class Unconfirmed extends Error {
  readonly code = 'unconfirmed';
  readonly countsAsAttempt = false;
  constructor(reason: string) {
    super(`RabbitMQ did not confirm the message: ${reason}`);
    this.name = 'Unconfirmed';
  }
}

/** RabbitMQ neither accepts nor refuses a consumer, as for a quorum queue without a leader. */
export class QueueUnanswered extends Error {
  readonly code = 'queue_unanswered';
  constructor(queue: string, seconds: number) {
    super(`RabbitMQ did not answer for ${seconds} s; queue ${queue} may have no leader`);
    this.name = 'QueueUnanswered';
  }
}

const reasonOf = (error: unknown): string => {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (typeof code === 'string' ? code : String(message ?? error)).split('\n')[0] as string;
};

/** Host, port and virtual host of a URL, without credentials. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`;
}

/** The cause of a connection failure, in one line and without a password. */
export function explained(error: unknown, url: string): InvalidBrokerSetting | BrokerAway {
  const place = placeOf(url);
  const reason = reasonOf(error).slice(0, 200);
  const wrong = (text: string) => new InvalidBrokerSetting('RABBITMQ_URL', text);
  if (/ACCESS[_-]REFUSED|\(403\)|auth/i.test(reason))
    return wrong(`is not what RabbitMQ at ${place} accepts: user or password is wrong`);
  if (/NOT[_-]ALLOWED|vhost|\(530\)|ConnectionOpenOk/i.test(reason))
    return wrong(`names a virtual host that is not there or not for this user: ${place}`);
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(reason))
    return wrong(
      `leads to ${place}, whose certificate is not trusted (${reason}); RABBITMQ_CA_FILE names its authority`,
    );
  if (/SSL|EPROTO/.test(reason)) return wrong(`says amqps, but ${place} does not speak TLS`);
  if (/Invalid frame|Unexpected|protocol/i.test(reason))
    return wrong(`leads to ${place}, which is no RabbitMQ`);
  return new BrokerAway('RABBITMQ_URL', `nothing answers at ${place} (${reason})`);
}
