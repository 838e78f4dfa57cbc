import { type Envelope, newId } from '@waybill/message';
import { RequestRefused, RequestTimedOut } from '@waybill/messaging';
import type { Channel, Message } from 'amqplib';
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
  request(envelope: Envelope, deadline: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sendRequest(envelope, envelope.type, deadline, {
        onReply: (reply, end) => {
          end();
          if (reply.ok) resolve(reply.data);
          else reject(new RequestRefused(envelope.type, reply.reason, reply.code, reply.retriable));
        },
        timedOut: () => reject(new RequestTimedOut(envelope.type, deadline)),
        failed: reject,
      });
    });
  }

  /** Sends a request to every responder; resolves with the replies that arrive before the deadline. */
  gather(envelope: Envelope, deadline: number, expected: number): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      this.sendRequest(envelope, `all.${envelope.type}`, deadline, {
        onReply: (reply, end) => {
          if (reply.ok) answers.push(reply.data);
          if (answers.length < expected) return;
          end();
          resolve(answers);
        },
        timedOut: () => resolve(answers),
        failed: reject,
      });
    });
  }

  /** Fails all pending requests. */
  abandon(error: Error): void {
    for (const question of [...this.open.values()]) question.fail(error);
    void this.channel?.close().catch(() => undefined);
    this.channel = null;
  }

  private sendRequest(
    envelope: Envelope,
    routingKey: string,
    deadline: number,
    then: {
      onReply(reply: Reply, end: () => void): void;
      timedOut(): void;
      failed(error: Error): void;
    },
  ): void {
    const name = newId();
    const end = (): void => {
      forget();
      this.open.delete(name);
    };
    const forget = this.parts.settings.clock.after(deadline, () => {
      end();
      then.timedOut();
    });
    const question: Question = {
      envelope,
      routingKey,
      body: Buffer.from(JSON.stringify(envelope.data ?? null)),
      until: performance.now() + deadline,
      onReply: (reply) => then.onReply(reply, end),
      fail: (error) => {
        end();
        then.failed(error);
      },
    };
    this.open.set(name, question);
    this.send(name, question);
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
