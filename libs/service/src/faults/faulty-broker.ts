import {
  type Broker,
  BrokerAway,
  type Brokers,
  type Clock,
  type Listener,
  type ObserveOptions,
  type Outgoing,
  type Settled,
  type SubscribeOptions,
} from '@waybill/messaging';
import { BreakableSubscription } from './breakable-subscription.ts';
import type { DeliveryFaults } from './delivery-faults.ts';
import type { FaultPoints } from './fault-points.ts';
import { FaultyListener } from './faulty-listener.ts';

/** The brokers of a service, with the faults that operators set between it and them; without points, as they are. */
export function faultyBrokers(
  brokers: Brokers,
  points: FaultPoints | null,
  { service, clock }: { readonly service: string; readonly clock: Clock },
): Brokers {
  if (!points) return brokers;
  const duplicates = points.point(`${service}-duplicates`, `messages delivered to ${service}`, {
    effect: 'duplicate',
  });
  const reordering = points.point(
    `${service}-reordering`,
    `messages delivered to ${service}, those of one key in order`,
    { effect: 'reorder' },
  );
  return brokers.map((broker) => {
    const outage = points.point(
      `${service}-${broker.name}-outage`,
      `the connections of ${service} to ${broker.name}`,
      { effect: 'outage' },
    );
    return faultyBroker(broker, { duplicates, reordering, outage }, clock);
  });
}

/** The same broker with faults of delivery: see `DeliveryFaults`. */
export function faultyBroker<B extends Broker>(broker: B, faults: DeliveryFaults, clock: Clock): B {
  const { outage } = faults;
  const away = (): Error => new BrokerAway(broker.name, 'an operator has set an outage');
  const own: Partial<Broker> = {
    /** An outage also loses the confirms of what is published just before it, as a broken connection does. */
    publish(messages: readonly Outgoing[], settled: Settled): void {
      if (!outage.isOn) {
        broker.publish(messages, (id, error) => settled(id, outage.isOn ? away() : error));
        return;
      }
      queueMicrotask(() => {
        for (const { envelope } of messages) settled(envelope.id, away());
      });
    },
    async subscribe(group: string, listener: Listener, options?: SubscribeOptions) {
      const begin = async () => {
        const faulty = new FaultyListener(listener, faults, clock);
        const leave = await broker.subscribe(group, faulty, options).catch((error: unknown) => {
          faulty.leave();
          throw error;
        });
        return () => {
          faulty.leave();
          return leave();
        };
      };
      const subscription = new BreakableSubscription(outage, begin, clock);
      await subscription.start();
      return () => subscription.stop();
    },
    observe(pattern, listener, options: ObserveOptions = {}) {
      const forget = outage.onChange(() => !outage.isOn && options.onGap?.());
      const end = broker.observe(
        pattern,
        (envelope) => !outage.isOn && listener(envelope),
        options,
      );
      return () => {
        forget();
        end();
      };
    },
  };
  const state = (): ReturnType<NonNullable<Broker['state']>> =>
    outage.isOn ? 'closed' : (broker.state?.() ?? 'connected');
  const replaced: object = { ...own, ...(broker.state ? { state } : {}) };
  return new Proxy(broker, {
    get: (target, name) => {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const found: unknown = Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}
