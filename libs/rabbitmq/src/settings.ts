import { newId } from '@waybill/contracts';
import { systemClock } from '@waybill/messaging';
import type { RabbitMqOptions, Settings } from './rabbitmq-options.ts';

/** Fills in the defaults; throws a `RangeError` for a knob out of its bounds. */
export function settingsOf(options: RabbitMqOptions): Settings {
  return {
    url: options.url,
    caFile: options.caFile ?? null,
    service: options.service,
    instance: options.instance ?? newId().slice(-12),
    prefix: options.namespace ? `${options.namespace}.` : '',
    clock: options.clock ?? systemClock,
    onTrouble: options.onTrouble ?? (() => undefined),
    window: within('window', options.window ?? 1_000, 1, 10_000),
    confirmTimeout: within('confirmTimeout', options.confirmTimeout ?? 5_000, 100, 600_000),
    deliveryLimit: within('deliveryLimit', options.deliveryLimit ?? 100, 1, 1_000_000),
    drain: within('drain', options.drain ?? 5_000, 0, 60_000),
    mirrorDeadLetters: options.mirrorDeadLetters ?? false,
    beat: within('beat', options.beat ?? 2_000, 50, 60_000),
  };
}

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} of a RabbitMQ broker is ${least} to ${most}: ${value}`);
}
