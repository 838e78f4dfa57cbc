import { type Contract, parseData } from '@waybill/message';
import type { Channel, ConsumeMessage } from 'amqplib';
import { requestKey } from './names.ts';
import type { Workplace } from './workplace.ts';

type AnswerTo = (data: unknown) => Promise<unknown>;

/** The reply to a request. */
export type Reply =
  | { readonly ok: true; readonly data?: unknown }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly code: string | null;
      readonly retriable: boolean;
    };

const retryAfter = 500;
/** Milliseconds without a responder after which RabbitMQ deletes the request queue. */
const queueExpiry = 300_000;

interface Responder {
  readonly contract: Contract;
  /** The routing key of the requests that it answers. */
  readonly key: string;
  readonly answer: AnswerTo;
  readonly inHand: Set<Promise<void>>;
  channel: Channel | null;
  left: boolean;
}

/** Responders of requests: those of one type and name share a queue. */
export class Responders {
  private readonly responders = new Set<Responder>();

  constructor(private readonly parts: Workplace) {
    parts.link.listen({
      up: () => {
        for (const responder of this.responders) if (!responder.channel) this.again(responder);
      },
      down: () => {
        for (const responder of this.responders) responder.channel = null;
      },
    });
  }

  /** Resolves when requests arrive; the returned function stops them and waits for those in progress. */
  async respond(contract: Contract, answer: AnswerTo, name?: string): Promise<() => Promise<void>> {
    const responder: Responder = {
      contract,
      key: requestKey(contract.type, name),
      answer,
      inHand: new Set(),
      channel: null,
      left: false,
    };
    await this.parts.link.patiently(() => this.begin(responder));
    this.responders.add(responder);
    return () => this.leave(responder);
  }

  async close(): Promise<void> {
    await Promise.all([...this.responders].map((responder) => this.leave(responder)));
  }

  private async leave(responder: Responder): Promise<void> {
    if (responder.left) return;
    responder.left = true;
    this.responders.delete(responder);
    const { channel, key } = responder;
    await channel?.cancel(key).catch(() => undefined);
    await this.answered(responder);
    await channel?.close().catch(() => undefined);
  }

  /** Waits for requests in progress, for at most `drain`. */
  private async answered({ inHand }: Responder): Promise<void> {
    const { clock, drain } = this.parts.settings;
    let forget = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      forget = clock.after(drain, resolve);
    });
    await Promise.race([Promise.all(inHand), enough]);
    forget();
  }

  private again(responder: Responder): void {
    this.begin(responder).catch((error: Error) => {
      this.parts.settings.onTrouble(`answering ${responder.key}`, error);
      setTimeout(
        () => !responder.left && !responder.channel && this.again(responder),
        retryAfter,
      ).unref();
    });
  }

  private async begin(responder: Responder): Promise<void> {
    const { link, names, topology } = this.parts;
    const { key } = responder;
    const queue = names.requestQueue(key);
    const lasting = {
      durable: true,
      expires: queueExpiry,
      arguments: { 'x-queue-type': 'classic' },
    };
    await topology.withDeclarer(async (declarer) => {
      await declarer.exchange(names.requests, 'direct');
      await declarer.queue(queue, lasting);
      await declarer.bindQueue(queue, names.requests, key);
    });
    topology.remember('queues', queue);
    topology.remember('exchanges', names.requests);
    const channel = await link.channel();
    const answer = (message: ConsumeMessage | null): void => {
      if (message) this.take(responder, channel, message);
    };
    await channel.consume(queue, answer, { noAck: true, consumerTag: key });
    responder.channel = channel;
    channel.on('close', () => {
      if (responder.channel !== channel) return;
      responder.channel = null;
      if (!responder.left && link.state === 'connected') this.again(responder);
    });
  }

  private take(
    responder: Responder,
    channel: Channel,
    { properties, content }: ConsumeMessage,
  ): void {
    const answered = this.replyOf(responder, content).then((reply) => {
      responder.inHand.delete(answered);
      const { correlationId, replyTo } = properties;
      if (!replyTo) return;
      try {
        channel.publish('', replyTo, Buffer.from(JSON.stringify(reply)), { correlationId });
      } catch {
        // The channel is closed, so the reply cannot be sent; the requester times out at the deadline.
      }
    });
    responder.inHand.add(answered);
  }

  private async replyOf({ contract, answer }: Responder, content: Buffer): Promise<Reply> {
    try {
      const data: unknown = JSON.parse(content.toString('utf8'));
      return { ok: true, data: await answer(parseData(contract, data)) };
    } catch (error) {
      const { code, retriable } = (error ?? {}) as { code?: unknown; retriable?: unknown };
      return {
        ok: false,
        reason: error instanceof Error ? error.message : String(error),
        code: typeof code === 'string' ? code : null,
        retriable: retriable !== false,
      };
    }
  }
}
