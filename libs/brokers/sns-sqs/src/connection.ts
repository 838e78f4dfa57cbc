import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '@waybill/messaging';
import type { SnsSqsOptions } from './options.ts';

/** The state of the connection to the server. */
export type ConnectionState = 'connected' | 'connecting' | 'blocked' | 'closed';

/** SNS and SQS are unusable with these settings. The message names the setting and contains no secret. */
export class CannotConnect extends Error {
  readonly code = 'broker_unreachable';
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CannotConnect';
  }
}

const tellEvery = 10_000;

/** The clients of one broker, and whether they reach the server. */
export class Connection {
  readonly sns: SNSClient;
  /** Only for publishing, without retries: the caller retries, and must learn when the outcome is unknown. */
  readonly publishing: SNSClient;
  readonly sqs: SQSClient;
  /** Only for receives: they wait on purpose, and must not delay acks and publishes. */
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
      // An emulator puts its own host name into queue URLs, which may not resolve here.
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

  /** How often the server has become unreachable. */
  get outages(): number {
    return this.#outages;
  }

  worked(): void {
    if (this.#state === 'connecting') this.#state = 'connected';
    this.#told = Number.NEGATIVE_INFINITY;
  }

  /** Records a failure; reports it when the outage is new, and at most every 10 s while it lasts. */
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

  /** Replaces an error about settings or the connection with a one-line explanation. */
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
/** The SDK wraps some errors into others that contain the code only in their text. */
const outageOf = (error: unknown): string | undefined =>
  outage.exec(`${codeOf(error)} ${nameOf(error)} ${error}`)?.[1];

/** The server did not respond, so the outcome is unknown. */
export const isOutage = (error: unknown): boolean => outageOf(error) !== undefined;
const isRefusal = (error: unknown): boolean =>
  refusals.has(codeOf(error)) || refusals.has(nameOf(error));

/** The topic or queue does not exist: it was deleted, or the emulator lost it in a restart. */
export const isMissing = (error: unknown): boolean =>
  /QueueDoesNotExist|NonExistentQueue|NotFound/.test(`${codeOf(error)} ${nameOf(error)}`);
