import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ApiDocument,
  Draining,
  defaultBodyLimit,
  type Route,
  RouteTable,
  type ServerErrors,
} from '@waybill/http';
import { type Clock, every } from '@waybill/messaging';
import { endRequest, type HealthReport, mergedMetrics, Tracing } from '@waybill/observability';
import type { Operations } from '@waybill/service';
import type { Upstream } from '../upstreams/upstream.ts';
import { forward } from './forward.ts';
import { OperationsOfReplicas } from './operations-of-replicas.ts';
import { healthOfReplicas, obstaclesOf } from './remote-health.ts';
import type { Replica, Replicas } from './replicas.ts';
import { get, type ServiceDoor } from './service-door.ts';

const lookEvery = 1_000;
/** A single replica that responds is polled less often, because no other replica could replace it. */
const looksLeftOut = 4;
const patience = 2_000;
/** Paths that are not public: each service's own health and metrics, and internal routes. */
const kept = /^\/(internal|health|metrics)(\/|$)/;

/** A service in its own processes, reached by HTTP: polls which replicas respond, and which routes they serve. */
export class RemoteUpstream implements Upstream {
  readonly name: string;
  readonly operations: Operations;
  private readonly replicas: Replicas;
  private readonly listeners: (() => void)[] = [];
  /** By replica, because old and new releases serve side by side during a rolling update. */
  private readonly served = new Map<Replica, string>();
  private readonly draining = new Draining();
  private table: RouteTable | null = null;
  private endLooking: () => void = () => {};
  private leftOut = 0;

  constructor(
    private readonly door: ServiceDoor,
    private readonly tracing = Tracing.off,
    private readonly errors?: ServerErrors,
  ) {
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
      // A replica that does not respond has no metrics now; those of the others are shown.
      return mergedMetrics(asked.map((text) => ({ text: () => text.catch(() => '') })));
    },
  };

  /** Polls once, and then every second; every five seconds while there is only one replica and it responds. */
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
    const { name: service, replicas, draining, errors } = this;
    if (this.tracing.tracer) this.trace(request, response, path);
    void forward({ service, replicas, bodyLimit, draining, errors }, request, response);
  }

  /** The service goes on with the trace, and with the decision whether to record it. */
  private trace(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { trace, span } = this.tracing.request(
      request.headers['traceparent'],
      () => `${request.method} ${this.table?.patternAt(path) ?? 'unknown'}`,
    );
    request.headers['traceparent'] = trace.traceparent;
    if (span) response.once('close', () => endRequest(span, response.statusCode));
  }

  drain(): void {
    this.draining.begin();
  }

  document(): Promise<ApiDocument> {
    return this.door.ofOne((replica) =>
      this.door.send<ApiDocument>(replica, '/internal/api-document', patience),
    );
  }

  health(): Promise<readonly HealthReport[]> {
    return healthOfReplicas(this.name, this.replicas);
  }

  /** Without its routes nothing can be forwarded: they are requested now, and it is not ready until they are known. */
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

  /** A replica that hangs is treated like one that is gone. */
  private async lookAt(replica: Replica): Promise<void> {
    try {
      const path = '/internal/routes';
      const { routes } = await this.door.send<{ routes: Route[] }>(replica, path, lookEvery);
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
