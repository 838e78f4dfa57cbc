import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { instant, text } from '@waybill/contracts';
import { Answers, type Page, PagedList, Roles } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { z } from 'zod';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { average } from '../domain/summary.ts';
import { visitorOf } from '../domain/visitor.ts';
import { BehaviourRepository } from '../storage/behaviour.repository.ts';
import {
  type BounceView,
  bounceView,
  type FunnelQuery,
  type FunnelView,
  funnelQuery,
  funnelView,
  type PagesView,
  pagesView,
  type SessionsQuery,
  type SessionView,
  sessionPage,
  sessionsQuery,
  type TopQuery,
  topQuery,
  type WindowsQuery,
  type WindowsView,
  windowsQuery,
  windowsView,
} from './behaviour.schema.ts';
import { checkPeriod, periodOf } from './period.ts';

const windows = new PagedList(
  'activity-windows',
  z.strictObject({ at: instant, visitor: text(1, 110) }),
);
const sessions = new PagedList(
  'activity-sessions',
  z.strictObject({ at: instant, id: text(1, 100) }),
);

const steps = {
  viewed: ['page_view', 'view_product'],
  added_to_cart: ['add_to_cart'],
  checkout_started: ['checkout_started'],
  purchased: ['purchase'],
} as const;

/** What visitors do, from the pipeline of activities. */
@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics')
export class BehaviourController {
  constructor(
    private readonly behaviour: BehaviourRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>,
  ) {}

  @Get('windows')
  @ApiOperation({
    summary: 'What a visitor did, by sliding windows of 60 seconds, the newest first',
    description:
      'A window begins every ten seconds; those without activities are left out. `uniquePages` is at most 100. Purchases and their ' +
      '`spend` are as the pages of the shop report them.',
  })
  @Answers(200, windowsView, 'The windows')
  async windows(@Query({ schema: windowsQuery }) query: WindowsQuery): Promise<WindowsView> {
    const { user, from, to } = query;
    const visitors = [visitorOf(user, ''), visitorOf(undefined, user)];
    const period = periodOf(query, this.clock.now());
    const { after, take, page } = windows.read(query, { user, from, to });
    const { items, late } = await this.behaviour.windows(visitors, period, { after, take });
    const shown = page(items, ({ startedAt: at, visitor }) => ({ at, visitor }));
    return {
      user,
      late,
      nextCursor: shown.nextCursor,
      items: shown.items.map(({ visitor, startedAt, endedAt, revision: _, spend, ...counts }) => ({
        from: startedAt,
        to: endedAt,
        known: visitor === visitors[0],
        ...counts,
        spend: this.money(spend),
        averageOrderValue: this.moneyOrNull(average(spend, counts.purchases)),
      })),
    };
  }

  @Get('sessions')
  @ApiOperation({
    summary: 'Sessions of visitors, the newest first',
    description: 'A session ends when its `sessionId` reports nothing for half an hour.',
  })
  @Answers(200, sessionPage, 'A page')
  async sessions(
    @Query({ schema: sessionsQuery }) query: SessionsQuery,
  ): Promise<Page<SessionView>> {
    const { customerId, from, to } = query;
    checkPeriod(query);
    const filter = { customerId, from, to };
    const { after, take, page } = sessions.read(query, filter);
    const found = await this.behaviour.sessions(filter, after, take);
    const shown = page(found, ({ startedAt: at, sessionId: id }) => ({ at, id }));
    return {
      ...shown,
      items: shown.items.map(
        ({ startedAt, endedAt, pages: _, revision: __, spend, ...session }) => ({
          ...session,
          from: startedAt,
          to: endedAt,
          durationMs: Date.parse(endedAt) - Date.parse(startedAt),
          bounced: session.activities === 1 && session.pageViews === 1,
          spend: this.money(spend),
          types: session.types as SessionView['types'],
        }),
      ),
    };
  }

  @Get('pages')
  @ApiOperation({ summary: 'The pages that were viewed most, by sessions that began in a period' })
  @Answers(200, pagesView, 'The pages')
  async pages(@Query({ schema: topQuery }) query: TopQuery): Promise<PagesView> {
    const period = periodOf(query, this.clock.now());
    const items = await this.behaviour.pages(period, query.limit);
    return { ...written(period), items: items as PagesView['items'], nextCursor: null };
  }

  @Get('bounce')
  @ApiOperation({
    summary: 'How many sessions were one page view and nothing else, in total and by entry page',
  })
  @Answers(200, bounceView, 'The bounce rate')
  async bounce(@Query({ schema: topQuery }) query: TopQuery): Promise<BounceView> {
    const period = periodOf(query, this.clock.now());
    const [total, ...pages] = await this.behaviour.bounces(period, query.limit);
    const { sessions = 0, bounced = 0 } = total ?? {};
    return {
      ...written(period),
      sessions,
      bounced,
      bounceRate: share(bounced, sessions),
      entryPages: pages.map(({ entryPage, ...counts }) => ({
        path: entryPage ?? '',
        ...counts,
        bounceRate: share(counts.bounced, counts.sessions),
      })),
    };
  }

  @Get('funnel')
  @ApiOperation({
    summary: 'How many sessions came how far: viewed, added to cart, checkout, purchased',
    description: 'A session that reached a later step counts for those before it.',
  })
  @Answers(200, funnelView, 'The funnel')
  async funnel(@Query({ schema: funnelQuery }) query: FunnelQuery): Promise<FunnelView> {
    const period = periodOf(query, this.clock.now());
    const reached = await this.behaviour.reached(period, Object.values(steps));
    return {
      ...written(period),
      steps: (Object.keys(steps) as (keyof typeof steps)[]).map((step, i) => ({
        step,
        sessions: reached[i] ?? 0,
        conversion: i === 0 ? null : share(reached[i] ?? 0, reached[i - 1] ?? 0),
      })),
    };
  }

  private money(amount: number) {
    return { amount, currency: this.config.shopCurrency };
  }

  private moneyOrNull(amount: number | null) {
    return amount === null ? null : this.money(amount);
  }
}

const written = ({ from, to }: { readonly from: Date; readonly to: Date }) => ({
  from: from.toISOString(),
  to: to.toISOString(),
});

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
