import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
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
import { AlertRepository } from '../storage/alert.repository.ts';
import {
  alertId,
  type CreateSilence,
  createSilence,
  type SilencesQuery,
  type SilenceView,
  silenceAnswer,
  silencePageAnswer,
  silencesQuery,
} from './alerts.schema.ts';

const silencesInOrder = new PagedList('alert-silences', alertId);
const longest = 30 * 86_400_000;

/** What keeps alerts from being sent for a time. */
@ApiTags('Alerts')
@Roles('operator')
@Controller('api/v1/alerts/silences')
export class AlertSilencesController {
  constructor(
    private readonly alerts: AlertRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The silences that have not ended, the oldest first' })
  @Answers(200, silencePageAnswer, 'A page')
  async list(@Query({ schema: silencesQuery }) query: SilencesQuery): Promise<Page<SilenceView>> {
    const { after, take, page } = silencesInOrder.read(query);
    const found = await this.alerts.silences(this.clock.now(), after, take);
    return page(found, (last) => last.id);
  }

  @Post()
  @ApiOperation({
    summary: 'Send no alerts of a rule, of a service, or of both, until its end.',
    description:
      'An alert that still fires then is sent. Silenced alerts are in the list of alerts.',
  })
  @Answers(201, silenceAnswer, 'Created')
  async create(
    @Body({ schema: createSilence }) body: CreateSilence,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) answer: { header(name: string, value: string): unknown },
  ): Promise<SilenceView> {
    const now = this.clock.now();
    const lasts = Date.parse(body.endsAt) - now.getTime();
    if (lasts <= 0 || lasts > longest) {
      const message = 'is in the future, by 30 days at most';
      throw new Problem(400, 'invalid_request', `endsAt ${message}`, {
        errors: [{ path: '/endsAt', message }],
      });
    }
    const silence = {
      id: newId(now),
      ...body,
      endsAt: new Date(body.endsAt).toISOString(),
      createdBy: auditName(caller),
      createdAt: now.toISOString(),
    };
    await this.alerts.silence(silence);
    answer.header('location', `/api/v1/alerts/silences/${silence.id}`);
    return silence;
  }

  @Delete(':id')
  @ApiOperation({ summary: 'End a silence now.' })
  @Answers(204, null, 'It is gone')
  @Refuses(404, 'not_found')
  async remove(@Param('id', { schema: alertId }) id: string): Promise<void> {
    if (await this.alerts.endSilence(id)) return;
    throw new Problem(404, 'not_found', `there is no silence ${id}`);
  }
}
