import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ApiDocument,
  Draining,
  defaultBodyLimit,
  type Route,
  RouteTable,
} from '@waybill/http';
import { type Clock, every } from '@waybill/messaging';
import { type HealthReport, mergedMetrics } from '@waybill/observability';
import type { Operations } from '@waybill/service';
import type { Upstream } from '../upstreams/upstream.ts';
import { forward } from './forward.ts';
import { healthOfReplicas, obstaclesOf } from './remote-health.ts';
import { OperationsOfReplicas } from './remote-operations.ts';
import type { Replica, Replicas } from './replicas.ts';
import { get, type ServiceDoor } from './service-door.ts';

const lookEvery = 1_000;
/** One that answers and stands alone is asked for what it serves, no more: nobody could take its place. */
const looksLeftOut = 4;
const patience = 2_000;
/** Their own health, and what services tell one another, are not for the world. */
const kept = /^\/(internal|health|metrics)(\/|$)/;

/** A service in processes of its own, reached by HTTP: looks again and again who of them is there, and what it serves. */
export class RemoteUpstream implements Upstream {
  readonly name: string;
  readonly operations: Operations;
  private readonly replicas: Replicas;
  private readonly listeners: (() => void)[] = [];
  /** By replica: while a new release comes up, old and new ones serve side by side. */
  private readonly served = new Map<Replica, string>();
  private readonly draining = new Draining();
  private table: RouteTable | null = null;
  private endLooking: () => void = () => {};
  private leftOut = 0;

  constructor(private readonly door: ServiceDoor) {
    this.name = door.service;
    this.replicas = door.replicas;
    this.operations = new OperationsOfReplicas(door.service, door.replicas, door.tokens);
  }

  get routes(): RouteTable | null {
    return this.table;
  }

  readonly metrics = {
    text: async (): Promise<string> => {
      const asked = this.replicas.all.map(async (replica) => {
        const { status, text } = await get(replica, '/metrics', patience);
        return status === 200 ? text : '';
      });
      // Whoever does not answer has no numbers now; the others have.
      return mergedMetrics(asked.map((text) => ({ text: () => text.catch(() => '') })));
    },
  };

  /** Looks once, and from then on every second; every five while there is only one, and it answers. */
  async start(clock: Clock): Promise<void> {
    await this.look();
    this.endLooking = every(
      clock,
      lookEvery,
      () => this.lookAgain(),
      () => {},
    );
  }

  async close(): Promise<void> {
    this.endLooking();
    await this.replicas.close();
  }

  onRoutes(listener: () => void): void {
    this.listeners.push(listener);
  }

  dispatch(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const bodyLimit = this.table?.bodyLimitAt(path) ?? defaultBodyLimit;
    const { name: service, replicas, draining } = this;
    void forward({ service, replicas, bodyLimit, draining }, request, response);
  }

  drain(): void {
    this.draining.begin();
  }

  document(): Promise<ApiDocument> {
    return this.door.ofOne((replica) =>
      this.door.ask<ApiDocument>(replica, '/internal/api-document', patience),
    );
  }

  health(): Promise<readonly HealthReport[]> {
    return healthOfReplicas(this.name, this.replicas);
  }

  /** Without its routes there is nothing to forward: they are asked for now, and until they are known it is not ready. */
  async obstacles(): Promise<readonly string[]> {
    if (!this.table) await this.look();
    const found = await obstaclesOf(this.replicas);
    return this.table || found.length > 0 ? found : ['has not published its routes yet'];
  }

  private async lookAgain(): Promise<void> {
    const [first, ...others] = this.replicas.all;
    const isWell = this.table !== null && first?.away === false && others.length === 0;
    this.leftOut = isWell && this.leftOut < looksLeftOut ? this.leftOut + 1 : 0;
    if (this.leftOut === 0) await this.look();
  }

  private async look(): Promise<void> {
    await Promise.all(this.replicas.all.map((replica) => this.lookAt(replica)));
  }

  /** A replica that hangs is passed over like one that is gone. */
  private async lookAt(replica: Replica): Promise<void> {
    try {
      const path = '/internal/routes';
      const { routes } = await this.door.ask<{ routes: Route[] }>(replica, path, lookEvery);
      replica.away = false;
      this.learn(replica, routes);
    } catch {
      replica.away = true;
    }
  }

  private learn(replica: Replica, routes: readonly Route[]): void {
    const text = JSON.stringify(routes.filter(({ path }) => !kept.test(path)));
    if (text === this.served.get(replica)) return;
    this.served.set(replica, text);
    const table = new RouteTable();
    for (const each of this.served.values()) {
      for (const { method, path, bodyLimit } of JSON.parse(each) as Route[]) {
        table.add(method, path, bodyLimit);
      }
    }
    this.table = table;
    for (const listener of this.listeners) listener();
  }
}
