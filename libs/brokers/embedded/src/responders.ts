import { type Contract, type Envelope, parseData } from '@waybill/message';
import { type Clock, RequestRefused, RequestTimedOut } from '@waybill/messaging';

type Answer = (data: unknown) => Promise<unknown>;

/** A pending request; `ask` passes it to one responder. */
interface OpenRequest {
  readonly type: string;
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
  readonly #byType = new Map<string, Responder[]>();
  readonly #open = new Set<OpenRequest>();

  constructor(private readonly clock: Clock) {}

  respond(contract: Contract, answer: Answer): () => Promise<void> {
    const responder = new Responder(contract, answer);
    this.#byType.set(contract.type, [...this.#of(contract.type), responder]);
    for (const request of [...this.#open]) {
      if (request.type === contract.type && request.wantsMore()) request.pass(responder);
    }
    return async () => {
      const left = this.#of(contract.type).filter((each) => each !== responder);
      this.#byType.set(contract.type, left);
      await responder.whenIdle();
    };
  }

  /** Sends a request to one responder; they take turns. */
  request(envelope: Envelope, deadline: number): Promise<unknown> {
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
        type: envelope.type,
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
      const next = this.#takeTurn(envelope.type);
      if (next) open.pass(next);
    });
  }

  /** Sends a request to every responder, including those that are added before the deadline. */
  gather(envelope: Envelope, deadline: number, expected: number): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      const settle = (): void => {
        forget();
        this.#open.delete(open);
        resolve(answers);
      };
      const forget = this.clock.after(deadline, settle);
      const open: OpenRequest = {
        type: envelope.type,
        wantsMore: () => true,
        pass: (responder) =>
          void responder.pass(envelope.data).then(
            (answer) => {
              if (!this.#open.has(open)) return;
              answers.push(answer);
              if (answers.length >= expected) settle();
            },
            () => undefined,
          ),
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      this.#open.add(open);
      for (const responder of this.#of(envelope.type)) open.pass(responder);
    });
  }

  /** Rejects every pending request. */
  abandon(error: Error): void {
    for (const request of [...this.#open]) request.reject(error);
    this.#open.clear();
    this.#byType.clear();
  }

  #of(type: string): Responder[] {
    return this.#byType.get(type) ?? [];
  }

  #takeTurn(type: string): Responder | undefined {
    const [next, ...others] = this.#of(type);
    if (next) this.#byType.set(type, [...others, next]);
    return next;
  }
}
