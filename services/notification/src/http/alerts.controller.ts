import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { newId } from '@waybill/contracts';
import {
  Answers,
  auditName,
  Caller,
  type Page,
  PagedList,
  Problem,
  Refuses,
  Roles,
} from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { AlertChannels } from '../clients/alert-channels.ts';
import { type Alert, isSilenced, type Silence } from '../domain/alert.ts';
import { alertRules, runbookAt, silentGateway } from '../domain/alert-rules.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { AlertRepository } from '../storage/alert.repository.ts';
import {
  type AlertsQuery,
  type AlertView,
  alertAnswer,
  alertId,
  alertPageAnswer,
  alertsQuery,
  type TestAlert,
  type TestedChannel,
  testAlert,
  testedAnswer,
} from './alerts.schema.ts';

const alertsInOrder = new PagedList('alerts', alertId);
/** More of them are never in force at once. */
const allSilences = 1_000;

/** What is wrong, for operators. */
@ApiTags('Alerts')
@Roles('operator')
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(
    private readonly alerts: AlertRepository,
    private readonly channels: AlertChannels,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alerts'>,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Alerts, the newest first' })
  @Answers(200, alertPageAnswer, 'A page')
  async list(@Query({ schema: alertsQuery }) query: AlertsQuery): Promise<Page<AlertView>> {
    const { state } = query;
    const { after, take, page } = alertsInOrder.read(query, { state });
    const { items, nextCursor } = page(
      await this.alerts.list(state, after, take),
      (last) => last.id,
    );
    const silences = await this.silences();
    return { items: items.map((alert) => this.viewOf(alert, silences)), nextCursor };
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Somebody looks at it: an alert is not sent again, until it is resolved.',
  })
  @Answers(200, alertAnswer, 'The alert')
  @Refuses(404, 'not_found')
  @Refuses(409, 'alert_resolved')
  async acknowledge(
    @Param('id', { schema: alertId }) id: string,
    @Caller() caller: Caller,
  ): Promise<AlertView> {
    const isDone = await this.alerts.acknowledge(id, auditName(caller), this.clock.now());
    const alert = await this.alerts.find(id);
    if (!alert) throw new Problem(404, 'not_found', `there is no alert ${id}`);
    if (!isDone) throw new Problem(409, 'alert_resolved', 'the alert is over already');
    return this.viewOf(alert, await this.silences());
  }

  @Post('test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send a test through a channel, and tell whether it was taken.' })
  @Answers(200, testedAnswer, 'What the channel did')
  async test(@Body({ schema: testAlert }) { channel }: TestAlert): Promise<TestedChannel> {
    if (!this.channels.configured().includes(channel))
      return { channel, status: 'not_configured', error: null };
    try {
      const lines = ['An operator tests how alerts are sent. There is nothing to do.'];
      const note = { severity: 'info', subject: '[test] Alerts of Waybill', lines } as const;
      await this.channels.send(channel, { ...note, id: newId() });
      return { channel, status: 'sent', error: null };
    } catch (error) {
      return { channel, status: 'failed', error: (error as Error).message };
    }
  }

  private silences(): Promise<Silence[]> {
    return this.alerts.silences(this.clock.now(), undefined, allSilences);
  }

  private viewOf(alert: Alert, silences: readonly Silence[]): AlertView {
    const rule = [...alertRules, silentGateway].find(({ name }) => name === alert.rule);
    return {
      id: alert.id,
      rule: alert.rule,
      severity: alert.severity,
      summary: rule?.summary ?? alert.rule,
      service: alert.service,
      check: alert.check,
      about: alert.about,
      value: alert.value,
      threshold: alert.threshold,
      unit: alert.unit,
      state: alert.state,
      silenced: alert.state !== 'resolved' && isSilenced(alert, silences, this.clock.now()),
      startedAt: alert.startedAt,
      lastSeenAt: alert.lastSeenAt,
      acknowledgedAt: alert.acknowledgedAt,
      acknowledgedBy: alert.acknowledgedBy,
      resolvedAt: alert.resolvedAt,
      notifiedAt: alert.notifiedAt,
      runbook: runbookAt(alert.rule, this.config.alerts.links.repository),
    };
  }
}
