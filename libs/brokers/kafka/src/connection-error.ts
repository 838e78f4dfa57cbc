import { addressesOf, type KafkaBrokerOptions } from './options.ts';

/** Kafka is unreachable or rejects the credentials. The message names the settings and never contains the password. */
export class KafkaUnreachable extends Error {
  readonly code = 'kafka_unreachable';
  constructor(reason: string, cause: Error) {
    super(reason, { cause });
    this.name = 'KafkaUnreachable';
  }
}

/** Adds the settings to check to a connection error; other errors are returned unchanged. */
export function withSetting(error: unknown, options: KafkaBrokerOptions): Error {
  const found = error instanceof Error ? error : new Error(String(error));
  if (found instanceof TypeError) return found;
  const line = withoutSecret(found.message, options);
  const { username, tls, ca } = options;
  if (/sasl|authenticat/i.test(`${found.name} ${line}`)) {
    return new KafkaUnreachable(
      `Kafka refused the user ${username ?? '(none)'}: look at KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM (${line})`,
      found,
    );
  }
  if (
    !/connect|closed|disconnect|timeout|timed out|ECONN|ENOTFOUND|EAI_AGAIN|certificate|TLS|SSL/i.test(
      `${found.name} ${line}`,
    )
  )
    return found;
  const safe =
    tls || ca ? 'KAFKA_BROKERS, KAFKA_TLS and KAFKA_CA_FILE' : 'KAFKA_BROKERS (and KAFKA_TLS)';
  return new KafkaUnreachable(
    `no Kafka answers at ${addressesOf(options).join(', ')}: look at ${safe} (${line})`,
    found,
  );
}

function withoutSecret(message: string, { password }: KafkaBrokerOptions): string {
  const line = message.replace(/\s+/g, ' ');
  return password ? line.replaceAll(password, '***') : line;
}
