import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '@waybill/messaging';
import type { SnsSqsOptions } from './options.ts';

/** Where the broker stands with its server. */
export type ConnectionState = 'connected' | 'connecting' | 'blocked' | 'closed';

/** SNS and SQS cannot be used as they are set up. The message names the setting and shows no secret. */
export class CannotConnect extends Error {
  readonly code = 'broker_unreachable';
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CannotConnect';
  }
}

const tellEvery = 10_000;

/** The clients of one broker, and whether they reach their server. */
export class Connection {
  readonly sns: SNSClient;
  /** For publishing alone: whoever publishes sends again, and is told when nobody knows what became of it. */
  readonly publishing: SNSClient;
  readonly sqs: SQSClient;
  /** For receives alone: they wait on purpose, and must not hold up acks and publishes. */
  readonly polls: SQSClient;
  readonly #where: string;
  #state: ConnectionState = 'connecting';
  #outages = 0;
  #told = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: SnsSqsOptions,
    private readonly clock: Clock,
    waitSeconds: number,
  ) {
    const { endpoint, region, credentials } = options;
    const common = {
      ...(endpoint ? { endpoint } : {}),
      ...(region ? { region } : {}),
      ...(credentials ? { credentials } : {}),
      // An emulator names a host of its own in the addresses of queues, which need not exist here.
      useQueueUrlAsEndpoint: false,
      customUserAgent: `waybill-${options.service}`,
      maxAttempts: 3,
    };
    this.sns = new SNSClient({ ...common, requestHandler: handler(5_000) });
    this.publishing = new SNSClient({ ...common, maxAttempts: 1, requestHandler: handler(5_000) });
    this.sqs = new SQSClient({ ...common, requestHandler: handler(5_000) });
    const patience = waitSeconds * 1_000 + 3_000;
    this.polls = new SQSClient({ ...common, maxAttempts: 1, requestHandler: handler(patience) });
    this.#where = endpoint ? endpoint.replace(/\/\/[^/@]*@/, '//') : `AWS ${region ?? ''}`.trim();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How often the server was lost so far. */
  get outages(): number {
    return this.#outages;
  }

  worked(): void {
    if (this.#state === 'connecting') this.#state = 'connected';
    this.#told = Number.NEGATIVE_INFINITY;
  }

  /** Notes a failure; tells of it when the outage is new, and now and then while it lasts. */
  failed(what: string, error: unknown): void {
    if (this.#state === 'closed') return;
    if (isOutage(error)) {
      if (this.#state === 'connected') this.#outages += 1;
      this.#state = 'connecting';
    }
    const now = this.clock.now().getTime();
    if (now - this.#told < tellEvery) return;
    this.#told = now;
    this.options.onTrouble?.(what, this.explained(error));
  }

  /** The error with one clear line, when it speaks of the settings or the line. */
  explained(error: unknown): Error {
    const code = codeOf(error);
    if (isRefusal(error)) {
      return new CannotConnect(
        `SNS/SQS at ${this.#where} refused the credentials (${code}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION`,
        error,
      );
    }
    if (code === 'ERR_INVALID_URL') {
      return new CannotConnect('AWS_ENDPOINT_URL is no URL', error);
    }
    if (/region is missing/i.test(String(error))) {
      return new CannotConnect('AWS_REGION is missing', error);
    }
    const lost = outageOf(error);
    if (lost) {
      return new CannotConnect(
        `cannot reach SNS/SQS at ${this.#where} (${lost}): check AWS_ENDPOINT_URL and AWS_REGION`,
        error,
      );
    }
    return error instanceof Error ? error : new Error(String(error));
  }

  close(): void {
    this.#state = 'closed';
    for (const client of [this.sns, this.publishing, this.sqs, this.polls]) client.destroy();
  }
}

const handler = (requestTimeout: number) => ({
  connectionTimeout: 2_000,
  requestTimeout,
  throwOnRequestTimeout: true,
  httpAgent: { keepAlive: true, maxSockets: 200 },
  httpsAgent: { keepAlive: true, maxSockets: 200 },
});

const outage =
  /\b(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError|NetworkingError|socket hang up)\b/;
const refusals = new Set([
  'CredentialsProviderError',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'ExpiredToken',
  'AccessDenied',
  'AccessDeniedException',
  'InvalidSignatureException',
]);

const codeOf = (error: unknown): string => {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
};
const nameOf = (error: unknown): string => String((error as { name?: unknown } | null)?.name);
/** The SDK wraps some errors into others that say no more than their text. */
const outageOf = (error: unknown): string | undefined =>
  outage.exec(`${codeOf(error)} ${nameOf(error)} ${error}`)?.[1];

/** Nothing was heard of the server, so nobody knows what it did. */
export const isOutage = (error: unknown): boolean => outageOf(error) !== undefined;
const isRefusal = (error: unknown): boolean =>
  refusals.has(codeOf(error)) || refusals.has(nameOf(error));

/** The topic or queue is gone: deleted by hand, or the emulator forgot it when it was restarted. */
export const isMissing = (error: unknown): boolean =>
  /QueueDoesNotExist|NonExistentQueue|NotFound/.test(`${codeOf(error)} ${nameOf(error)}`);
