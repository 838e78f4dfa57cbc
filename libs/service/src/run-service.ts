import { type Brokers, brokersFrom, embeddedBroker } from '@waybill/messaging';
import { processEnvironment } from './config/environment.config.ts';
import { startService } from './prepare-service.ts';
import type { RunningService } from './running-service.ts';
import type { ServiceDefinition } from './service-definition.ts';

/**
 * Runs a service as its own process until SIGTERM or SIGINT: what `main.ts` calls. `brokersOf` makes the brokers
 * that `BROKERS` names; a process alone has only the embedded one.
 */
export async function runService<C>(
  definition: ServiceDefinition<C>,
  brokersOf: (setting: string) => Promise<Brokers> = alone,
): Promise<void> {
  const env = processEnvironment();
  try {
    const brokers = await brokersOf(env['BROKERS'] ?? 'embedded');
    const service = await startService(definition, { env, brokers });
    stopOnSignal(service, brokers);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

const alone = (setting: string): Promise<Brokers> =>
  brokersFrom(setting, { embedded: () => embeddedBroker() });

function stopOnSignal(service: RunningService, brokers: Brokers): void {
  let stopping = false;
  const stop = (): void => {
    // Who signals twice does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    service
      .close()
      .then(() => brokers.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
