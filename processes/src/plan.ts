import { join } from 'node:path';
import { freePort } from '@waybill/persistence/embedded';
import type { Environment } from '@waybill/service';
import type { Command } from './arguments.ts';
import type { Environments } from './environments.ts';
import { instanceOf, mainOf, type Role, replicaStep, roster } from './roster.ts';
import type { RunFolder } from './run-folder.ts';

/** A process to run. */
export interface Planned {
  readonly instance: string;
  readonly role: Role;
  readonly main: string;
  readonly url: string;
  readonly env: Environment;
}

interface Place {
  readonly role: Role;
  readonly instance: string;
  readonly port: number;
}

const urlOf = ({ port }: Place): string => `http://127.0.0.1:${port}`;

/** What to run where; rejects with `PortInUse` when a port is taken. */
export async function planOf(
  command: Pick<Command, 'replicas' | 'port' | 'freePorts'>,
  environments: Environments,
  folder: RunFolder,
): Promise<readonly Planned[]> {
  const places = await placesOf(command);
  return places.map((place) => ({
    instance: place.instance,
    role: place.role,
    main: mainOf(place.role),
    url: urlOf(place),
    env: environmentOf(place, places, environments, folder),
  }));
}

/** One after another, and all held in mind: two must not get the same. */
async function placesOf({
  replicas,
  port,
  freePorts,
}: Pick<Command, 'replicas' | 'port' | 'freePorts'>): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const role of roster) {
    for (let replica = 1; replica <= (replicas.get(role.name) ?? 1); replica += 1) {
      const instance = instanceOf(role, replica);
      const usual = role.kind === 'gateway' && port !== null ? port : role.port;
      const wanted = freePorts && !(role.kind === 'gateway' && port) ? 0 : usual;
      places.push({ role, instance, port: await portFor(instance, wanted, replica, places) });
    }
  }
  return places;
}

async function portFor(
  instance: string,
  wanted: number,
  replica: number,
  taken: readonly Place[],
): Promise<number> {
  const asked = wanted === 0 ? 0 : wanted + (replica - 1) * replicaStep;
  for (;;) {
    const port = await freePort(asked).catch((error: Error) => {
      throw new Error(`${instance}: ${error.message}`, { cause: error });
    });
    if (taken.every((each) => each.port !== port)) return port;
  }
}

function environmentOf(
  { role, instance, port }: Place,
  places: readonly Place[],
  environments: Environments,
  folder: RunFolder,
): Environment {
  const urlsOf = (name: string): string =>
    places
      .filter((place) => place.role.name === name)
      .map(urlOf)
      .join(',');
  const books = (name: string): string => join(folder.path, 'sandboxes', `${name}.ledger`);
  const { PATH, HOME, TMPDIR } = environments.of();
  switch (role.name) {
    case 'payment-provider':
      return {
        ...{ PATH, HOME, TMPDIR },
        PAYMENT_PROVIDER_PORT: String(port),
        PAYMENT_PROVIDER_DATA_FILE: books(role.name),
        PAYMENT_WEBHOOK_URL: `${urlsOf('gateway')}/api/v1/payments/sandbox/webhooks`,
      };
    case 'carriers':
      return {
        ...{ PATH, HOME, TMPDIR },
        CARRIERS_PORT: String(port),
        CARRIERS_DATA_FILE: books(role.name),
        CARRIERS_WEBHOOK_URL: `${urlsOf('gateway')}/api/v1/carriers/{carrier}/webhooks`,
      };
    default:
      return {
        ...environments.of(role.name),
        PORT: String(port),
        WAYBILL_DATA: folder.path,
        WAYBILL_INSTANCE: instance,
        ...(role.kind === 'gateway'
          ? Object.fromEntries(
              roster
                .filter(({ kind }) => kind === 'service')
                .map(({ name }) => [`${name.toUpperCase()}_URL`, urlsOf(name)]),
            )
          : { PAYMENT_PROVIDER_URL: urlsOf('payment-provider'), CARRIERS_URL: urlsOf('carriers') }),
      };
  }
}
