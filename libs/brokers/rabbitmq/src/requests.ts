import { type Envelope, newId } from '@waybill/message';
import { RequestRefused, RequestTimedOut } from '@waybill/messaging';
import type { Channel, Message } from 'amqplib';
import { requestKey } from './names.ts';
import type { Reply } from './responders.ts';
import type { Workplace } from './workplace.ts';

/** A pending request. */
interface Question {
  readonly envelope: Envelope;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly until: number;
  onReply(reply: Reply): void;
  fail(error: Error): void;
}

const replyQueue = 'amq.rabbitmq.reply-to';
const repeatAfter = 50;

/** Requests whose replies come back by RabbitMQ's direct reply-to. Nothing of them is stored. */
export class Requests {
  private readonly open = new Map<string, Question>();
  private channel: Channel | null = null;
  private opening: Promise<Channel> | null = null;

  constructor(private readonly parts: Workplace) {
    parts.link.listen({
      up: () => undefined,
      down: () => {
        this.channel = null;
      },
    });
  }

  /** Sends a request to one responder. Rejects with `RequestRefused`, or with `RequestTimedOut` at the deadline. */
  request(envelope: Envelope, deadline: number, to?: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { type } = envelope;
      const name = newId();
      const end = (): void => {
        forget();
        this.open.delete(name);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const forget = this.parts.settings.clock.after(deadline, () =>
        fail(new RequestTimedOut(type, deadline)),
      );
      const question: Question = {
        envelope,
        routingKey: requestKey(type, to),
        body: Buffer.from(JSON.stringify(envelope.data ?? null)),
        until: performance.now() + deadline,
        onReply: (reply) => {
          if (!reply.ok) {
            return fail(new RequestRefused(type, reply.reason, reply.code, reply.retriable));
          }
          end();
          resolve(reply.data);
        },
        fail,
      };
      this.open.set(name, question);
      this.send(name, question);
    });
  }

  /** Fails all pending requests. */
  abandon(error: Error): void {
    for (const question of [...this.open.values()]) question.fail(error);
    void this.channel?.close().catch(() => undefined);
    this.channel = null;
  }

  private send(name: string, question: Question): void {
    this.start()
      .then((channel) => {
        if (!this.open.has(name)) return;
        const { envelope } = question;
        channel.publish(this.parts.names.requests, question.routingKey, question.body, {
          contentType: 'application/json',
          correlationId: name,
          replyTo: replyQueue,
          mandatory: true,
          persistent: false,
          type: envelope.type,
          expiration: String(Math.max(1, Math.ceil(question.until - performance.now()))),
          headers: envelope.traceparent === null ? {} : { traceparent: envelope.traceparent },
        });
      })
      .catch(() => this.sendAgain(name));
  }

  /** No responder is there yet, or RabbitMQ is unavailable: retries, because that may change before the deadline. */
  private sendAgain(name: string): void {
    const timer = setTimeout(() => {
      const question = this.open.get(name);
      if (question) this.send(name, question);
    }, repeatAfter);
    timer.unref();
  }

  private start(): Promise<Channel> {
    if (this.channel) return Promise.resolve(this.channel);
    this.opening ??= this.openChannel().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async openChannel(): Promise<Channel> {
    const { link, names, topology } = this.parts;
    await topology.withDeclarer((declarer) => declarer.exchange(names.requests, 'direct'));
    topology.remember('exchanges', names.requests);
    const channel = await link.channel();
    channel.on('return', (message: Message) =>
      this.sendAgain(String(message.properties.correlationId)),
    );
    channel.on('close', () => {
      if (this.channel === channel) this.channel = null;
    });
    await channel.consume(replyQueue, (message) => message && this.replied(message), {
      noAck: true,
    });
    this.channel = channel;
    return channel;
  }

  private replied({ properties, content }: Message): void {
    const question = this.open.get(String(properties.correlationId));
    if (!question) return;
    try {
      question.onReply(JSON.parse(content.toString('utf8')) as Reply);
    } catch (error) {
      question.fail(error as Error);
    }
  }
}
