import { describe, expect, it } from '@jest/globals';
import type { Guarantees } from '../../broker.ts';
import type { Capability, ConformanceResult } from './capabilities.ts';
import { closingTests } from './closing.tests.ts';
import { consumerTests } from './consumer.tests.ts';
import { deliveryTests } from './delivery.tests.ts';
import { limitTests } from './limit.tests.ts';
import { orderTests } from './order.tests.ts';
import { requestTests } from './request.tests.ts';
import { routingTests } from './routing.tests.ts';
import { type BrokerUnderTest, Scene } from './scene.ts';

const tests = [
  ...deliveryTests,
  ...orderTests,
  ...consumerTests,
  ...routingTests,
  ...limitTests,
  ...requestTests,
  ...closingTests,
];

/** What an adapter says of itself, and the capability that proves it. */
const proofs: Readonly<Partial<Record<keyof Guarantees, Capability>>> = {
  orderedPerKey: 'ordered',
  delayed: 'delayed',
  priority: 'priority',
  expiry: 'expiry',
};

/**
 * Registers the tests that every broker passes which has the capabilities that `has` names; they use the port
 * alone. `make` gives a fresh broker for each test. Answers what is tested, for `guaranteesTable`.
 */
export function brokerConformance(
  broker: string,
  make: () => Promise<BrokerUnderTest>,
  has: Readonly<Record<Capability, boolean>>,
): ConformanceResult {
  const applying = tests.filter(({ capability }) => has[capability]);
  const withScene = async (run: (scene: Scene) => Promise<void>): Promise<void> => {
    const under = await make();
    try {
      await run(new Scene(under));
    } finally {
      await under.end();
    }
  };
  describe(`${broker} keeps what a broker promises`, () => {
    it.each(applying.map((test) => [test.name, test] as const))('%s', (_, test) =>
      withScene(test.run),
    );
    it('it says of itself what these tests prove', () =>
      withScene(async (scene) => {
        const { guarantees } = scene.broker;
        const said = Object.keys(proofs).map((name) => guarantees[name as keyof Guarantees]);
        expect(said).toEqual(Object.values(proofs).map((capability) => has[capability]));
      }));
  });
  const counts = new Map<Capability, number>();
  for (const { capability } of applying) counts.set(capability, (counts.get(capability) ?? 0) + 1);
  return { broker, tests: counts };
}
