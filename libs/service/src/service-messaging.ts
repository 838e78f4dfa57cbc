import {
  type Brokers,
  Consumer,
  type ConsumerOptions,
  type Group,
  type Hears,
  type Messaging,
  type Responder,
  SinkHost,
  systemClock,
} from '@waybill/messaging';
import { burySunken } from './bury-sunken.ts';

/** Everything by which a service hears: its consumer, its sinks, and its answers to requests. */
export class ServiceMessaging implements Messaging {
  readonly consumer: Consumer;
  private readonly sinks: SinkHost;
  private readonly responders: readonly Responder[];
  private readonly brokers: Brokers;
  private readonly endings: (() => Promise<void>)[] = [];

  constructor(options: Omit<ConsumerOptions, 'handlers'> & { readonly hears: Hears }) {
    const { hears, ...rest } = options;
    const { service, store, brokers, clock = systemClock, shards = 4 } = rest;
    this.brokers = brokers;
    this.responders = hears.responders;
    const { handlers, deadLetterHooks } = hears;
    this.consumer = new Consumer({ ...rest, handlers, deadLetterHooks });
    this.sinks = new SinkHost({
      brokers,
      sinks: hears.sinks,
      clock,
      shards,
      store,
      onTrouble: (error) =>
        rest.observer?.trouble({ what: 'redriven messages of sinks could not be read', error }),
      bury: async (sunken) =>
        brokers.buried(this.sinks.groups(), await burySunken(store, service, clock, sunken)),
    });
  }

  /** What must be declared at the brokers before anything starts. */
  groups(): readonly Group[] {
    return [...this.consumer.groups(), ...this.sinks.groups()];
  }

  async start(): Promise<void> {
    const { requests } = this.brokers;
    for (const { request, answer } of this.responders.slice(this.endings.length)) {
      if (requests) this.endings.push(await requests.respond(request, answer));
    }
    await this.consumer.start();
    await this.sinks.start();
  }

  /** Dead letters were redriven or discarded: looks for what may go on. */
  wake(): void {
    this.consumer.wake();
    this.sinks.wake();
  }

  /** Takes nothing more and finishes what is in hand. */
  async stop(): Promise<void> {
    await Promise.all(this.endings.splice(0).map((end) => end()));
    await Promise.all([this.consumer.stop(), this.sinks.stop()]);
  }
}
