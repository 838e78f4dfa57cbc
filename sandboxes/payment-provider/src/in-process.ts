import { setTimeout as wait } from 'node:timers/promises';
import type { OrderSums } from './charges.ts';
import type {
  Answer,
  AuthorizationStatus,
  CaptureStatus,
  RefundStatus,
  VoidStatus,
} from './operation.ts';
import { PaymentProvider } from './payment-provider.ts';
import { authorizeRequest, moveRequest } from './requests.ts';
import { deliveryOf, slowMs } from './tokens.ts';

interface Amount {
  readonly amount: number;
  readonly currency: string;
}

interface Movement {
  readonly operationId: string;
  readonly authorization: string;
  readonly amount: Amount;
}

/** The provider without HTTP: the payment service uses it when the network is not under test. */
export interface InProcessProvider {
  readonly name: 'sandbox';
  authorize(request: {
    readonly operationId: string;
    readonly orderId: string;
    readonly amount: Amount;
    readonly token: string;
  }): Promise<Answer<AuthorizationStatus> & { readonly actionUrl?: string }>;
  /** There is no page on which a customer could confirm a payment: with `tok_3ds` it ends unconfirmed. */
  findAuthorization(request: {
    readonly authorization: string;
  }): Promise<Answer<AuthorizationStatus> & { readonly actionUrl?: string }>;
  capture(request: Movement): Promise<Answer<CaptureStatus>>;
  void(request: { readonly authorization: string }): Promise<Answer<VoidStatus>>;
  refund(request: Movement): Promise<Answer<RefundStatus>>;
  ledger(): readonly OrderSums[];
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** Opens the same books with the same test tokens. A response that HTTP would lose is an immediate error. */
export async function inProcessProvider(options: { dataFile: string }): Promise<InProcessProvider> {
  const books = await PaymentProvider.open(options);
  const moveOf = ({ authorization, amount }: Movement) =>
    moveRequest.parse({ authorization, ...amount });
  return {
    name: 'sandbox',
    async authorize({ operationId, orderId, amount, token }) {
      if (deliveryOf(token, true) === 'unreachable') throw new AnswerLost(operationId);
      const request = authorizeRequest.parse({ orderId, token, ...amount });
      const { answer, first } = await books.authorize(operationId, request);
      const delivery = deliveryOf(token, first);
      if (delivery === 'lost' || delivery === 'error') throw new AnswerLost(operationId);
      if (delivery === 'slow') await wait(slowMs, undefined, { ref: false });
      return withPage(answer);
    },
    findAuthorization: async ({ authorization }) =>
      withPage((await books.find(authorization)) as Answer<AuthorizationStatus>),
    capture: async (request) => books.capture(request.operationId, moveOf(request)),
    void: async ({ authorization }) => books.void(authorization),
    refund: async (request) => books.refund(request.operationId, moveOf(request)),
    ledger: () => books.ledger(),
    failed: books.failed,
    close: () => books.close(),
  };
}

const withPage = (answer: Answer<AuthorizationStatus>) =>
  answer.status === 'requires_action'
    ? { ...answer, actionUrl: `http://sandbox.invalid/challenges/${answer.chargeId}` }
    : answer;

/** The call failed in transit; whether it took effect is unknown. */
class AnswerLost extends Error {
  readonly code = 'provider_unreachable';
  readonly retriable = true;
  constructor(operationId: string) {
    super(`the answer to ${operationId} was lost`);
    this.name = 'AnswerLost';
  }
}
