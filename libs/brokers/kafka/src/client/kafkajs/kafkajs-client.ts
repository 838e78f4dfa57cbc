import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ISocketFactory, Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { addressesOf, type KafkaBrokerOptions, type Knobs } from '../../options.ts';
import type {
  KafkaClient,
  ReaderEvents,
  ReaderOptions,
  RecordProducer,
  RecordReader,
} from '../kafka-client.ts';
import { KafkajsAdmin } from './kafkajs-admin.ts';
import { KafkajsProducer } from './kafkajs-producer.ts';
import { KafkajsReader } from './kafkajs-reader.ts';
import { answerByPartition } from './produce-answers.ts';
import { letRequestQueuesRest } from './request-queues.ts';

/** Makes the client id of each reader unique in the process. */
let readers = 0;

/** All that the adapter needs of Kafka, by kafkajs. Its objects connect on first use. */
export class KafkajsClient implements KafkaClient {
  readonly admin: KafkajsAdmin;

  constructor(
    private readonly options: KafkaBrokerOptions,
    private readonly knobs: Knobs,
  ) {
    letRequestQueuesRest();
    this.admin = new KafkajsAdmin(
      () => this.#kafka(this.#name('admin')),
      options.replication ?? -1,
    );
  }

  producer(): RecordProducer {
    const clientId = this.#name('publish');
    answerByPartition(clientId);
    return new KafkajsProducer(() => this.#kafka(clientId), {
      ...this.knobs,
      idempotent: this.options.idempotent ?? false,
    });
  }

  reader(options: ReaderOptions, events: ReaderEvents): RecordReader {
    readers += 1;
    const clientId = `${this.#name(options.group)}-${process.pid}-${readers}`;
    const { sessionMs, heartbeatMs, fetchWaitMs } = this.knobs;
    return new KafkajsReader(options, events, {
      kafka: this.#kafka(clientId),
      clientId,
      sessionMs,
      heartbeatMs,
      fetchWaitMs,
    });
  }

  close(): Promise<void> {
    return this.admin.close();
  }

  #name(part: string): string {
    const { service, instance } = this.options;
    return [service, instance, part].filter(Boolean).join('-');
  }

  #kafka(clientId: string): Kafka {
    const { tls, ca } = this.options;
    const sasl = this.#sasl();
    return new Kafka({
      clientId,
      brokers: [...addressesOf(this.options)],
      ...(sasl ? { sasl } : {}),
      ...(tls || ca ? { ssl: ca ? { ca } : true } : {}),
      connectionTimeout: Math.min(this.knobs.requestMs, 3_000),
      authenticationTimeout: this.knobs.requestMs,
      requestTimeout: this.knobs.requestMs,
      enforceRequestTimeout: true,
      retry: { retries: 1, initialRetryTime: 50, maxRetryTime: 500 },
      socketFactory: socketFactory(this.options.dial),
      logLevel: logLevel.NOTHING,
    });
  }

  #sasl(): SASLOptions | null {
    const { username, password, mechanism = 'plain' } = this.options;
    return username === undefined ? null : { mechanism, username, password: password ?? '' };
  }
}

/** Without `noDelay`, small requests wait for the acknowledgement of earlier ones. */
const socketFactory =
  (dial: KafkaBrokerOptions['dial']): ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    const target = { ...(dial?.(host, port) ?? { host, port }), noDelay: true };
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = ssl
      ? connectTls({ ...target, ...named, ...ssl }, onConnect)
      : connectTcp(target, onConnect);
    return socket.setNoDelay(true).setKeepAlive(true, 30_000);
  };
