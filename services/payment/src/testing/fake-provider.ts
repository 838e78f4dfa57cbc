import type {
  AuthorizationAnswer,
  CaptureAnswer,
  MoveRequest,
  PaymentProvider,
  ProviderAnswer,
  RefundAnswer,
  VoidAnswer,
} from '../domain/provider.ts';

interface Charge {
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
  declined: string | null;
  approved: boolean | 'open' | null;
  voided: boolean;
  captured: number;
  refunded: number;
}

type AuthorizeRequest = Parameters<PaymentProvider['authorize']>[0];

const declines: Readonly<Record<string, string>> = {
  tok_declined: 'card_declined',
  tok_insufficient_funds: 'insufficient_funds',
  tok_expired_card: 'expired_card',
};

const chargeOf = ({ amount, token }: AuthorizeRequest): Charge => ({
  ...amount,
  token,
  declined: declines[token] ?? null,
  approved: token === 'tok_3ds' ? 'open' : null,
  voided: false,
  captured: 0,
  refunded: 0,
});

/** A provider in memory that carries out each operation once, and loses responses on request. */
export class FakeProvider implements PaymentProvider {
  readonly name = 'fake';
  readonly charges = new Map<string, Charge>();
  /** The calls made, in order. */
  readonly calls: string[] = [];
  /** `before`: the call has no effect. `after`: it takes effect, and the response is lost. */
  trouble: (call: string) => 'before' | 'after' | undefined = () => undefined;
  private readonly tombstones = new Set<string>();
  private readonly moves = new Map<string, ProviderAnswer<'captured' | 'refunded' | 'refused'>>();

  async authorize(request: AuthorizeRequest): Promise<AuthorizationAnswer> {
    const { operationId, token } = request;
    return this.call('authorize', () => {
      if (token === 'tok_unavailable') throw new Error('connection reset');
      if (this.tombstones.has(operationId)) return answer('voided', 0, null);
      const known = this.charges.get(operationId);
      const charge = known ?? chargeOf(request);
      this.charges.set(operationId, charge);
      const lost = ['tok_timeout_then_success', 'tok_error_then_success'].includes(token);
      if (lost && !known) throw new Error('the answer was lost');
      return authorizationOf(charge);
    });
  }

  async findAuthorization({ authorization }: { readonly authorization: string }) {
    return this.call('find', () => {
      const charge = this.charges.get(authorization);
      if (!charge) throw new Error('404');
      return authorizationOf(charge);
    });
  }

  /** The customer decides, unless it is too late. */
  decide(operationId: string, approved: boolean): void {
    const charge = this.charges.get(operationId);
    if (charge?.approved !== 'open' || charge.voided) return;
    charge.approved = approved;
    if (!approved) charge.declined = 'authentication_failed';
  }

  async capture(request: MoveRequest): Promise<CaptureAnswer> {
    return this.call('capture', () =>
      this.once(request.operationId, () => {
        const charge = this.charges.get(request.authorization);
        const { amount, currency } = request.amount;
        if (!charge || charge.voided || charge.approved === 'open')
          return answer('refused', 0, currency, 'not_authorized');
        if (charge.token === 'tok_capture_fails') {
          return answer('refused', 0, currency, 'capture_declined');
        }
        charge.captured += amount;
        return answer('captured', amount, currency);
      }),
    );
  }

  async refund(request: MoveRequest): Promise<RefundAnswer> {
    return this.call('refund', () =>
      this.once(request.operationId, () => {
        const charge = this.charges.get(request.authorization);
        const { amount, currency } = request.amount;
        if (!charge) return answer('refused', 0, currency, 'not_captured');
        charge.refunded += amount;
        return answer('refunded', amount, currency);
      }),
    );
  }

  async void({ authorization }: { readonly authorization: string }): Promise<VoidAnswer> {
    return this.call('void', () => {
      const charge = this.charges.get(authorization);
      if (!charge) {
        this.tombstones.add(authorization);
        return answer('voided', 0, null);
      }
      if (charge.declined) return answer('declined', 0, charge.currency);
      if (charge.captured > 0) return answer('captured', 0, charge.currency);
      charge.voided = true;
      return answer('voided', charge.approved === 'open' ? 0 : charge.amount, charge.currency);
    });
  }

  /** The amount that is authorized and neither released nor captured. */
  held(): number {
    return [...this.charges.values()]
      .filter(
        ({ declined, approved, voided, captured }) =>
          !declined && approved !== 'open' && !voided && captured === 0,
      )
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  private async call<T>(name: string, run: () => T): Promise<T> {
    this.calls.push(name);
    const trouble = this.trouble(name);
    if (trouble === 'before') throw new Error('connection refused');
    const result = run();
    if (trouble === 'after') throw new Error('the answer was lost');
    return result;
  }

  private once<S extends 'captured' | 'refunded' | 'refused'>(
    operationId: string,
    run: () => ProviderAnswer<S>,
  ): ProviderAnswer<S> {
    const known = this.moves.get(operationId) as ProviderAnswer<S> | undefined;
    const made = known ?? run();
    this.moves.set(operationId, made);
    return made;
  }
}

const answer = <S extends string>(
  status: S,
  amount: number,
  currency: string | null,
  reason: string | null = null,
): ProviderAnswer<S> => ({ status, amount, currency, chargeId: 'ch_1', reason });

const authorizationOf = (charge: Charge): AuthorizationAnswer => {
  const { amount, currency, declined, approved, voided } = charge;
  if (declined) return answer('declined', 0, currency, declined);
  if (approved === 'open' && !voided) {
    return { ...answer('requires_action', 0, currency), actionUrl: 'http://provider/challenges/1' };
  }
  return voided ? answer('voided', 0, currency) : answer('authorized', amount, currency);
};
