import type { BaseOptions } from '@platformatic/kafka';
import { addressesOf, type KafkaBrokerOptions, type Knobs } from '../../options.ts';
import type {
  KafkaAdmin,
  KafkaClient,
  ReaderEvents,
  ReaderOptions,
  RecordProducer,
  RecordReader,
} from '../kafka-client.ts';
import { KafkajsClient } from '../kafkajs/kafkajs-client.ts';
import { library } from './library.ts';
import { PlatformaticProducer } from './platformatic-producer.ts';
import { PlatformaticReader } from './platformatic-reader.ts';

/** Records by @platformatic/kafka; topics, offsets and groups, which are looked at rarely, by kafkajs. */
export class PlatformaticClient implements KafkaClient {
  readonly #rare: KafkajsClient;

  constructor(
    private readonly options: KafkaBrokerOptions,
    private readonly knobs: Knobs,
  ) {
    this.#rare = new KafkajsClient(options, knobs);
    // Whoever waits for it is told when it cannot be loaded.
    library().catch(() => undefined);
  }

  get admin(): KafkaAdmin {
    return this.#rare.admin;
  }

  producer(): RecordProducer {
    return new PlatformaticProducer(this.#connecting('publish', this.knobs.requestMs));
  }

  reader(options: ReaderOptions, events: ReaderEvents): RecordReader {
    const { sessionMs, fetchWaitMs, requestMs } = this.knobs;
    // A join is answered when the others have joined, or lost their session.
    const connecting = this.#connecting(options.group, Math.max(requestMs, sessionMs + 2_000));
    return new PlatformaticReader(options, events, { connecting, sessionMs, fetchWaitMs });
  }

  close(): Promise<void> {
    return this.#rare.close();
  }

  #connecting(part: string, requestTimeout: number): BaseOptions {
    const { service, instance, tls, ca, dial } = this.options;
    return {
      clientId: [service, instance, part].filter(Boolean).join('-'),
      bootstrapBrokers: [...addressesOf(this.options)],
      connectTimeout: Math.min(this.knobs.requestMs, 3_000),
      requestTimeout,
      ...(tls || ca ? { tls: ca ? { ca } : {}, tlsServerName: !this.#isByAddress() } : {}),
      ...this.#sasl(),
      context: { dial },
    };
  }

  /** Names are proven by SNI, addresses cannot be. */
  #isByAddress(): boolean {
    return addressesOf(this.options).some((each) => /^(\[|[\d.]+:)/.test(each));
  }

  #sasl(): Pick<BaseOptions, 'sasl'> {
    const { username, password = '', mechanism = 'plain' } = this.options;
    if (username === undefined) return {};
    const names = {
      plain: 'PLAIN',
      'scram-sha-256': 'SCRAM-SHA-256',
      'scram-sha-512': 'SCRAM-SHA-512',
    } as const;
    return { sasl: { mechanism: names[mechanism], username, password } };
  }
}
