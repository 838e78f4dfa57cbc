import type { DeadLetterFilter, Place } from '@waybill/dead-letter';
import type { ServiceTokens } from '@waybill/http';
import type { AuditAccess } from '../audit/audit-access.ts';
import type { ChannelAccess } from '../channels/channel-access.ts';
import { RemoteChannels } from '../channels/remote-channels.ts';
import type { FaultAccess, FaultReport } from '../faults/fault-access.ts';
import type { MessageAccess } from '../messages/message-access.ts';
import { RemoteMessages } from '../messages/remote-messages.ts';
import type { RedriveAccess } from '../redrives/redrive-access.ts';
import { RemoteRedrives } from '../redrives/remote-redrives.ts';
import type { ChannelReport } from './channels.ts';
import type { ExportAccess } from './exports.ts';
import { InternalRoutes } from './internal-routes.ts';
import type { JobAccess } from './jobs.ts';
import type { JourneyRow } from './journey.ts';
import type { DeadLetterAccess, Operations } from './operations.ts';
import type { PersonalDataAccess } from './personal-parts.ts';
import type { ProjectionAccess } from './projections.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** Milliseconds, for calls that may take longer: ten thousand letters, or a body of many megabytes. */
const patienceForMany = 25_000;

/** The operations of a service in another process, over its internal routes. Its problems are thrown as problems. */
export class RemoteOperations implements Operations {
  readonly deadLetters: DeadLetterAccess;
  readonly control: ChannelAccess;
  readonly messages: MessageAccess;
  readonly redrives: RedriveAccess;
  readonly faults: FaultAccess;
  readonly audit: AuditAccess;
  readonly projections: ProjectionAccess;
  readonly jobs: JobAccess;
  readonly exports: ExportAccess;
  readonly personalData: PersonalDataAccess;
  private readonly routes: InternalRoutes;

  constructor(
    readonly service: string,
    url: string,
    tokens: ServiceTokens,
  ) {
    this.routes = new InternalRoutes(url, tokens);
    this.control = new RemoteChannels(this.routes);
    this.messages = new RemoteMessages(this.routes);
    this.redrives = new RemoteRedrives(this.routes);
    const path = (id: string) => `dead-letters/${encodeURIComponent(id)}`;
    this.deadLetters = {
      list: (filter: DeadLetterFilter, limit: number, after?: Place) =>
        this.routes.call('GET', 'dead-letters', { query: { ...filter, limit, ...after } }),
      read: (id) => this.routes.call('GET', path(id), {}),
      original: (id, how) =>
        this.routes.call('POST', `${path(id)}/original`, { body: how, within: patienceForMany }),
      audit: (id, limit, after) =>
        this.routes.call('GET', `${path(id)}/audit`, { query: { limit, after } }),
      redrive: (id, how) => this.routes.call('POST', `${path(id)}/redrive`, { body: how }),
      discard: (id, by) => this.routes.call('DELETE', path(id), { query: { by } }),
    };
    this.faults = {
      list: () => this.routes.call<readonly FaultReport[]>('GET', 'faults', {}),
      set: (name, fault, by) =>
        this.routes.call('PUT', `faults/${encodeURIComponent(name)}`, { body: { ...fault, by } }),
      clear: (by) => this.routes.call('DELETE', 'faults', { query: { by } }),
    };
    this.audit = {
      began: (action) => this.routes.call('POST', 'audit', { body: action }),
      ended: (id, end) => this.routes.call('PUT', `audit/${id}`, { body: end }),
      list: (filter, limit, before) =>
        this.routes.call('GET', 'audit', { query: { ...filter, limit, before } }),
    };
    this.projections = {
      list: () => this.routes.call('GET', 'projections', {}),
      rebuild: (name, by) =>
        this.routes.call('POST', `projections/${encodeURIComponent(name)}/rebuild`, {
          body: { by },
        }),
    };
    this.jobs = { read: (id) => this.routes.call('GET', `jobs/${encodeURIComponent(id)}`, {}) };
    this.exports = {
      begin: (request, by) => this.routes.call('POST', 'exports', { query: { by }, body: request }),
    };
    this.personalData = {
      read: (part, query) => this.routes.call('POST', `personal-data/${part}`, { body: query }),
    };
  }

  channels(): Promise<readonly ChannelReport[]> {
    return this.routes.call('GET', 'channels', {});
  }

  metrics(): Promise<readonly ServiceMetrics[]> {
    return this.routes.call('GET', 'metrics', {});
  }

  journey(key: string): Promise<readonly JourneyRow[]> {
    return this.routes.call('GET', 'journey', { query: { key } });
  }
}
