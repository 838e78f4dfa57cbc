import { type Contract, type Envelope, parseData } from '@waybill/message';
import { type Clock, RequestRefused, RequestTimedOut } from '@waybill/messaging';

type Answer = (data: unknown) => Promise<unknown>;

/** A pending request; `ask` passes it to one responder. */
interface OpenRequest {
  readonly address: string;
  /** Whether one more responder may answer. */
  wantsMore(): boolean;
  pass(responder: Responder): void;
  reject(error: Error): void;
}

/** Requests and answers pass through JSON, as on a wire, so that the two sides never share an object. */
const throughJson = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

class Responder {
  readonly #inHand = new Set<Promise<unknown>>();

  constructor(
    private readonly contract: Contract,
    private readonly answer: Answer,
  ) {}

  pass(data: unknown): Promise<unknown> {
    const answered = this.#pass(data).finally(() => this.#inHand.delete(answered));
    this.#inHand.add(answered);
    return answered;
  }

  /** Resolves when every pending request is answered. */
  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#inHand);
  }

  async #pass(data: unknown): Promise<unknown> {
    try {
      const requested = parseData(this.contract, throughJson(data));
      return throughJson(await this.answer(requested));
    } catch (error) {
      throw refusal(this.contract.type, error);
    }
  }
}

const addressOf = (type: string, name?: string): string => (name ? `${type}/${name}` : type);

function refusal(type: string, error: unknown): RequestRefused {
  const { code, retriable } = (error ?? {}) as { code?: unknown; retriable?: unknown };
  return new RequestRefused(
    type,
    error instanceof Error ? error.message : String(error),
    typeof code === 'string' ? code : null,
    retriable !== false,
  );
}

/** Requests and their responders. A request waits for a responder until its deadline. */
export class Responders {
  readonly #byAddress = new Map<string, Responder[]>();
  readonly #open = new Set<OpenRequest>();

  constructor(private readonly clock: Clock) {}

  respond(contract: Contract, answer: Answer, name?: string): () => Promise<void> {
    const address = addressOf(contract.type, name);
    const responder = new Responder(contract, answer);
    this.#byAddress.set(address, [...this.#at(address), responder]);
    for (const request of [...this.#open]) {
      if (request.address === address && request.wantsMore()) request.pass(responder);
    }
    return async () => {
      const left = this.#at(address).filter((each) => each !== responder);
      this.#byAddress.set(address, left);
      await responder.whenIdle();
    };
  }

  /** Sends a request to one responder, with `name` to one of that name; they take turns. */
  request(envelope: Envelope, deadline: number, name?: string): Promise<unknown> {
    const address = addressOf(envelope.type, name);
    return new Promise((resolve, reject) => {
      let requested = false;
      const settle = (then: () => void): void => {
        forget();
        this.#open.delete(open);
        then();
      };
      const forget = this.clock.after(deadline, () =>
        settle(() => reject(new RequestTimedOut(envelope.type, deadline))),
      );
      const open: OpenRequest = {
        address,
        wantsMore: () => !requested,
        pass: (responder) => {
          requested = true;
          responder.pass(envelope.data).then(
            (answer) => settle(() => resolve(answer)),
            (error: unknown) => settle(() => reject(error)),
          );
        },
        reject: (error) => settle(() => reject(error)),
      };
      this.#open.add(open);
      const next = this.#takeTurn(address);
      if (next) open.pass(next);
    });
  }

  /** Rejects every pending request. */
  abandon(error: Error): void {
    for (const request of [...this.#open]) request.reject(error);
    this.#open.clear();
    this.#byAddress.clear();
  }

  #at(address: string): Responder[] {
    return this.#byAddress.get(address) ?? [];
  }

  #takeTurn(address: string): Responder | undefined {
    const [next, ...others] = this.#at(address);
    if (next) this.#byAddress.set(address, [...others, next]);
    return next;
  }
}
