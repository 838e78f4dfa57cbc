import { expect, it } from '@jest/globals';
import { obstaclesIn } from './obstacles.ts';
import type { SystemHealth } from './system-health.ts';

type Service = SystemHealth['services'][number];

const service = (name: string, checks: Record<string, string>): Service =>
  ({
    service: name,
    checks: Object.entries(checks).map(([check, status]) => ({ name: check, status })),
  }) as unknown as Service;

it('names brokers that cannot be reached once, with all their services', () => {
  const services = [
    service('order', { database: 'healthy', 'broker-rabbitmq': 'degraded' }),
    service('order', { 'broker-rabbitmq': 'degraded', 'broker-kafka': 'healthy' }),
    service('payment', { 'broker-rabbitmq': 'unhealthy' }),
  ];
  expect(obstaclesIn({ services })).toEqual([
    'rabbitmq cannot be reached by order, payment: messages over it wait',
  ]);
});

it('counts the services beyond three', () => {
  const services = ['order', 'inventory', 'payment', 'shipping', 'customer'].map((name) =>
    service(name, { 'broker-kafka': 'degraded' }),
  );
  expect(obstaclesIn({ services })).toEqual([
    'kafka cannot be reached by order, inventory, payment and 2 more services: messages over it wait',
  ]);
});

it('names external systems whose breaker is open, and no other check', () => {
  const services = [
    service('payment', { 'breaker-payment-provider': 'degraded', memory: 'unhealthy' }),
    service('gateway', { reachable: 'unhealthy', 'slo-orders-fast': 'degraded' }),
  ];
  expect(obstaclesIn({ services })).toEqual([
    'payment-provider is not called by payment, because it fails',
  ]);
});

it('is empty when all is well', () => {
  expect(obstaclesIn({ services: [service('order', { 'broker-kafka': 'healthy' })] })).toEqual([]);
});
