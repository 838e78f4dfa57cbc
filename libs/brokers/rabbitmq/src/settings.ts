import { newId } from '@waybill/message';
import { systemClock } from '@waybill/messaging';
import { knobsOf, type RabbitMqOptions, type Settings } from './rabbitmq-options.ts';

/** Fills in the defaults; throws `InvalidBrokerSetting` for a number outside its bounds. */
export function settingsOf(options: RabbitMqOptions): Settings {
  return {
    url: options.url,
    caFile: options.caFile ?? null,
    service: options.service,
    instance: options.instance ?? newId().slice(-12),
    prefix: options.namespace ? `${options.namespace}.` : '',
    clock: options.clock ?? systemClock,
    onTrouble: options.onTrouble ?? (() => undefined),
    ...knobsOf(options),
    mirrorDeadLetters: options.mirrorDeadLetters ?? false,
  };
}
