import { freePort } from '@waybill/embedded-postgres';
import type { Command } from './arguments.ts';
import { instanceOf, type Role, replicaStep, roster } from './roster.ts';

/** Where one process listens. */
export interface Place {
  readonly role: Role;
  readonly instance: string;
  readonly port: number;
  readonly grpcPort: number | null;
  readonly smtpPort: number | null;
}

/**
 * Where every process listens: on a free port, or each replica a hundred above the previous one. Rejects with the
 * name of the process whose port is in use.
 */
export async function placesOf(
  command: Pick<Command, 'replicas' | 'port' | 'freePorts'>,
): Promise<readonly Place[]> {
  const places: Place[] = [];
  const taken = new Set<number>();
  for (const role of roster) {
    const replicas = command.replicas.get(role.name) ?? 1;
    for (let replica = 1; replica <= replicas; replica += 1) {
      places.push(await placeOf(role, replica, command, taken));
    }
  }
  return places;
}

async function placeOf(
  role: Role,
  replica: number,
  command: Pick<Command, 'port' | 'freePorts'>,
  taken: Set<number>,
): Promise<Place> {
  const instance = instanceOf(role, replica);
  const chosen = role.kind === 'gateway' ? command.port : null;
  const take = (usual: number): Promise<number> => {
    const isFree = usual === 0 || (command.freePorts && chosen === null);
    return taking(instance, isFree ? 0 : usual + (replica - 1) * replicaStep, taken);
  };
  const port = await take(chosen ?? role.port);
  const grpcPort = role.grpcPort === undefined ? null : await take(role.grpcPort);
  const smtpPort = role.smtpPort === undefined ? null : await take(role.smtpPort);
  return { role, instance, port, grpcPort, smtpPort };
}

/** A free port may be found twice before a process listens on it. */
async function taking(instance: string, wanted: number, taken: Set<number>): Promise<number> {
  for (;;) {
    const port = await freePort(wanted).catch((error: Error) => {
      throw new Error(`${instance}: ${error.message}`, { cause: error });
    });
    if (taken.has(port) && wanted === 0) continue;
    taken.add(port);
    return port;
  }
}
