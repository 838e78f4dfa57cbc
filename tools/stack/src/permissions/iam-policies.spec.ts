import { describe, expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { type IamPolicy, iamPolicyOf } from './iam-policies.ts';

const topology = declaredTopology();
const services = [...new Set(topology.map(({ service }) => service))];
const policies = services.flatMap((service) => {
  const policy = iamPolicyOf(service, topology);
  return policy ? [{ service, policy }] : [];
});

/** Whether a policy allows it; only resources that are named in full, or `*` alone, occur. */
const allows = ({ Statement }: IamPolicy, action: string, name: string): boolean =>
  Statement.some(
    ({ Action, Resource }) =>
      Action.includes(action) && Resource.some((each) => each.endsWith(`:${name}`)),
  );

it('gives a service its queues and topics', () => {
  const order = iamPolicyOf('order', topology) as IamPolicy;
  expect(allows(order, 'sns:Publish', 'payment-commands.fifo')).toBe(true);
  expect(allows(order, 'sqs:ReceiveMessage', 'order.fifo')).toBe(true);
  const notification = iamPolicyOf('notification', topology) as IamPolicy;
  expect(allows(notification, 'sns:Subscribe', 'order-announcements')).toBe(true);
  expect(iamPolicyOf('gateway', topology)).toBeNull();
});

describe.each(policies)('the policy of $service', ({ service, policy }) => {
  it('denies reading the queues of others, and publishing what it does not publish', () => {
    for (const other of policies.filter((each) => each.service !== service)) {
      const queues = other.policy.Statement.filter(({ Sid }) => Sid === 'OwnQueues');
      for (const arn of queues.flatMap(({ Resource }) => Resource)) {
        const name = arn.slice(arn.lastIndexOf(':') + 1);
        for (const action of ['sqs:ReceiveMessage', 'sqs:SendMessage', 'sqs:PurgeQueue'])
          expect([action, name, allows(policy, action, name)]).toEqual([action, name, false]);
      }
    }
    const publishes = new Set(
      topology.flatMap((each) => (each.service === service ? each.publishes : [])),
    );
    const foreign = ['order', 'payment', 'inventory', 'shipping', 'customer'].filter(
      (context) => ![...publishes].some((type) => type.startsWith(`${context}.`)),
    );
    for (const context of foreign)
      expect(allows(policy, 'sns:Publish', `${context}-events.fifo`)).toBe(false);
  });

  it('has wildcards neither in actions nor in resources, except where IAM knows no resource', () => {
    for (const { Sid, Action, Resource } of policy.Statement) {
      expect(Action.length * Resource.length).toBeGreaterThan(0);
      expect(Action.filter((each) => !/^(sns|sqs):[A-Z][A-Za-z]+$/.test(each))).toEqual([]);
      if (Sid === 'OwnSubscriptions') continue;
      const [prefix] = Action.map((each) => each.slice(0, 3));
      const named = new RegExp(
        `^arn:aws:${prefix}:us-east-1:000000000000:[A-Za-z0-9_-]{1,75}(\\.fifo)?$`,
      );
      expect(Resource.filter((each) => !named.test(each))).toEqual([]);
      expect(Action.every((each) => each.startsWith(`${prefix}:`))).toBe(true);
    }
  });

  it('is small enough for a managed policy, and names each statement once', () => {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6_144);
    const names = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[A-Za-z0-9]+$/.test(name))).toBe(true);
  });
});
