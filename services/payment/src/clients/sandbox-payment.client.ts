import type { Pipeline, Resilience } from '@waybill/resilience';
import { Pool } from 'undici';
import type {
  AuthorizationAnswer,
  CaptureAnswer,
  ChargeRequest,
  MoveRequest,
  PaymentProvider,
  RefundAnswer,
  VoidAnswer,
} from '../domain/provider.ts';
import { answers, assertMoved, readAnswer, type WireAnswer } from './provider-answer.ts';
import { connectionLimits, providerCalls } from './provider-calls.ts';
import { ProviderUnreachable } from './provider-errors.ts';

export interface SandboxSettings {
  readonly url: string;
  readonly apiKey: string;
  /** Maximum concurrent calls; each has its own connection. */
  readonly calls: number;
}

/** The sandbox provider over HTTP, with one connection pool and one pipeline. */
export class SandboxPaymentClient implements PaymentProvider {
  readonly name = 'sandbox';
  private readonly pool: Pool;
  private readonly calls: Pipeline;

  constructor(
    private readonly settings: SandboxSettings,
    resilience: Resilience,
  ) {
    this.pool = new Pool(settings.url, {
      connections: settings.calls,
      ...connectionLimits,
    });
    // Longer than the slowest test card of the sandbox, which takes 3 s.
    this.calls = providerCalls(resilience, settings.calls, '5s');
  }

  async authorize(
    request: Parameters<PaymentProvider['authorize']>[0],
  ): Promise<AuthorizationAnswer> {
    const { operationId, orderId, amount, token } = request;
    return this.call('/v1/authorizations', operationId, { orderId, token, ...amount }, (wire) => {
      const answer = readAnswer(answers.authorize, operationId, wire);
      if (answer.status === 'authorized') assertMoved(operationId, amount, answer);
      return answer;
    });
  }

  async findAuthorization({
    authorization,
    amount,
  }: Parameters<PaymentProvider['findAuthorization']>[0]): Promise<AuthorizationAnswer> {
    const path = `/v1/operations?id=${encodeURIComponent(authorization)}`;
    return this.call(path, authorization, null, (wire) => {
      const answer = readAnswer(answers.authorize, authorization, wire);
      if (answer.status === 'authorized') assertMoved(authorization, amount, answer);
      return answer;
    });
  }

  async capture({ operationId, authorization, amount }: MoveRequest): Promise<CaptureAnswer> {
    return this.call('/v1/captures', operationId, { authorization, ...amount }, (wire) => {
      const answer = readAnswer(answers.capture, operationId, wire);
      if (answer.status === 'captured') assertMoved(operationId, amount, answer);
      return answer;
    });
  }

  async void({ authorization }: Pick<ChargeRequest, 'authorization'>): Promise<VoidAnswer> {
    return this.call('/v1/voids', authorization, { authorization }, (wire) =>
      readAnswer(answers.void, authorization, wire),
    );
  }

  async refund({ operationId, authorization, amount }: MoveRequest): Promise<RefundAnswer> {
    return this.call('/v1/refunds', operationId, { authorization, ...amount }, (wire) => {
      const answer = readAnswer(answers.refund, operationId, wire);
      if (answer.status === 'refunded') assertMoved(operationId, amount, answer);
      return answer;
    });
  }

  /** Closes every connection; calls in progress fail. */
  close(): Promise<void> {
    return this.pool.destroy();
  }

  /** Parses the response inside the pipeline, so that an invalid one counts as a failure for the breaker. */
  private call<A>(
    path: string,
    operation: string,
    body: object | null,
    read: (wire: WireAnswer) => A,
  ): Promise<A> {
    return this.calls.run(async (signal) =>
      read(await this.request(path, operation, body, signal)),
    );
  }

  private async request(
    path: string,
    operation: string,
    body: object | null,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    try {
      const response = await this.pool.request({
        method: body ? 'POST' : 'GET',
        path,
        headers: {
          authorization: `Bearer ${this.settings.apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': operation,
        },
        body: body && JSON.stringify(body),
        signal,
      });
      return { status: response.statusCode, body: await response.body.text() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ProviderUnreachable(operation, why, error);
    }
  }
}
