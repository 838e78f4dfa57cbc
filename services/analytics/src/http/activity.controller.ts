import { Body, Controller, Headers, Inject, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ActivityRecorded, country } from '@waybill/contracts';
import { Answers, Caller, countryHeader, networkHeader, Problem, Public } from '@waybill/http';
import { CLOCK, type Clock, Ingest } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { activityId } from '../domain/activity-id.ts';
import { type ActivityBody, activityAnswer, activityBody } from './activity.schema.ts';
import { NetworkLimit } from './network-limit.ts';
import { SessionLimit } from './session-limit.ts';
import { SessionRoom } from './session-room.ts';

/** How far the clock of a visitor may be ahead, in milliseconds. */
const ahead = 5 * 60_000;

/** How long the broker may take, in milliseconds: less than the gateway waits for an answer. */
const deadline = 9_000;

/** What visitors do, reported by the pages of the shop. */
@ApiTags('Analytics')
@Controller('api/v1/activity')
export class ActivityController {
  private readonly limit: SessionLimit;

  constructor(
    private readonly ingest: Ingest,
    private readonly networks: NetworkLimit,
    private readonly room: SessionRoom,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) { activityLimit }: AnalyticsConfig,
  ) {
    this.limit = new SessionLimit(activityLimit, clock);
  }

  @Public()
  @Post()
  @RouteConfig({ bodyLimit: 1024 * 1024 })
  @ApiOperation({
    summary: 'Report what a visitor did: one activity, or up to 500',
    description:
      'Anonymous by `sessionId`; with a token, of the customer who sent it. Views of a product name it in `properties.sku`. ' +
      'Send a report without an answer again: it counts once.',
  })
  @Answers(202, activityAnswer, 'The broker has all of them')
  async record(
    @Body({ schema: activityBody }) body: ActivityBody,
    @Caller() caller: Caller | null,
    @Trace() trace: Trace,
    @Headers(countryHeader) given: string | undefined,
    @Headers(networkHeader) network: string | undefined,
  ): Promise<{ accepted: number }> {
    const activities = [body].flat();
    this.refuseFuture(activities, Array.isArray(body));
    const sessionIds = activities.map(({ sessionId }) => sessionId);
    if (!this.limit.admits(sessionIds)) throw tooMany;
    if (!caller) await this.refuseNewSessions(sessionIds, network);
    const { success: isKnown, data: known } = country.safeParse(given);
    const visitor = {
      ...(caller ? { customerId: caller.id } : {}),
      ...(isKnown ? { country: known } : {}),
    };
    const results = await this.ingest.ingest(
      ActivityRecorded,
      activities.map((activity) => ({ ...activity, ...visitor, eventId: activityId(activity) })),
      { ...trace, deadline },
    );
    if (results.some(({ error }) => error !== undefined)) throw unavailable;
    return { accepted: activities.length };
  }

  /** Requests past the gateway, from inside the system, are of no network. */
  private async refuseNewSessions(
    sessionIds: readonly string[],
    network: string | undefined,
  ): Promise<void> {
    const seconds = network === undefined ? null : await this.networks.refuses(network, sessionIds);
    if (seconds !== null) throw tooManyOfNetwork(seconds);
    if (!(await this.room.admits(sessionIds))) throw tooManySessions;
  }

  private refuseFuture(
    activities: readonly { readonly occurredAt: string }[],
    isList: boolean,
  ): void {
    const latest = this.clock.now().getTime() + ahead;
    const at = activities.findIndex(({ occurredAt }) => Date.parse(occurredAt) > latest);
    if (at < 0) return;
    const path = isList ? `/${at}/occurredAt` : '/occurredAt';
    const message = 'is more than five minutes in the future';
    throw new Problem(400, 'invalid_request', `the body: ${path} ${message}`, {
      errors: [{ path, message }],
    });
  }
}

const tooManyOfNetwork = (seconds: number): Problem =>
  new Problem(
    429,
    'too_many_requests',
    'this address reports too many new sessions; report this one later',
    { headers: { 'retry-after': String(seconds) } },
  );

const tooManySessions = new Problem(
  429,
  'too_many_requests',
  'there are too many anonymous sessions; report this one later',
  { headers: { 'retry-after': '600' } },
);

const tooMany = new Problem(
  429,
  'too_many_requests',
  'this session reports too many activities; report them later',
  { headers: { 'retry-after': '60' } },
);
const unavailable = new Problem(
  503,
  'unavailable',
  'not all activities could be stored now; send the report again',
  { headers: { 'retry-after': '1' } },
);
