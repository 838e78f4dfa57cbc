import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { type Clock, Submitter } from '@waybill/messaging';
import { toMilliseconds } from '@waybill/saga';
import { CLOCK, type Page, Problem, page, paging, Roles, readCursor } from '@waybill/service';
import { z } from 'zod';
import { OperateSaga } from '../messages/order.local.ts';
import type { SagaEntity } from '../storage/order.entities.ts';
import { SagaRepository, sagaStates } from '../storage/saga.repository.ts';
import { isUuid } from './orders.schema.ts';

const listSagasQuery = z.strictObject({
  ...paging,
  state: z.enum(sagaStates).optional(),
  stuckFor: z
    .string()
    .regex(/^[1-9]\d{0,6}(ms|s|m|h)$/, 'is a span of time such as 30s, 15m or 2h')
    .transform((span) => toMilliseconds(span as '1s'))
    .optional(),
});

/** The sagas of orders, for operators. What they carry (address, token) is not shown. */
@ApiTags('operations')
@Roles('operator')
@Controller('api/v1/sagas')
export class SagasController {
  constructor(
    private readonly sagas: SagaRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Sagas, the newest first; stuckFor: open ones that have not moved for so long.',
  })
  async list(
    @Query({ schema: listSagasQuery }) query: z.output<typeof listSagasQuery>,
  ): Promise<Page<object>> {
    const { state, stuckFor, limit, cursor } = query;
    const stillSince =
      stuckFor === undefined ? undefined : new Date(this.clock.now().getTime() - stuckFor);
    const before = readCursor(cursor, text(1, 200));
    const found = await this.sagas.list({ state, stillSince, before, limit: limit + 1 });
    return page(found.map(viewOf), limit, (last) => last.id);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One saga with its log.' })
  async find(@Param('id') id: string) {
    return viewOf(await this.known(id));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send the command under way again.' })
  retry(@Param('id') id: string) {
    return this.operate(id, 'retry');
  }

  @Post(':id/compensate')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Give the order up and undo what was done; 409 once the capture was sent.',
  })
  compensate(@Param('id') id: string) {
    return this.operate(id, 'compensate');
  }

  private async operate(id: string, wish: 'retry' | 'compensate') {
    const { key } = await this.known(id);
    await this.submitter.submit(OperateSaga({ orderId: key, wish }));
    return viewOf(await this.known(id));
  }

  /** By its id, or by that of its order. */
  private async known(id: string): Promise<SagaEntity> {
    const found = await this.sagas.find(isUuid(id) ? `place-order:${id}` : id);
    if (found) return found;
    throw new Problem(404, 'not_found', `there is no saga ${id.slice(0, 60)}`);
  }
}

const viewOf = (saga: SagaEntity) => ({
  id: saga.id,
  saga: saga.saga,
  definitionVersion: saga.definitionVersion,
  orderId: saga.key,
  state: saga.status,
  stuck: saga.stuck,
  step: saga.step,
  phase: saga.phase,
  reason: saga.reason,
  undoing: saga.undoing,
  attempts: saga.attempts,
  dueAt: saga.dueAt,
  startedAt: saga.startedAt,
  updatedAt: saga.updatedAt,
  log: saga.log,
});
