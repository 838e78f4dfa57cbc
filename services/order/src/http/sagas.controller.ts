import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, text } from '@waybill/contracts';
import {
  Answers,
  auditName,
  Caller,
  type Page,
  PagedList,
  Problem,
  paging,
  Refuses,
  Roles,
} from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import {
  SagaRegistry,
  SagaRepository,
  type SagaState,
  type SagaView,
  sagaId,
  sagaView,
} from '@waybill/saga';
import { timeSpan } from '@waybill/service';
import { z } from 'zod';
import { OperateSaga } from '../messages/order.local.ts';
import { orderSagas } from '../sagas/order-sagas.ts';
import type { SagaActionEntity } from '../storage/saga-action.entity.ts';
import { SagaActionRepository } from '../storage/saga-action.repository.ts';
import { sagaAnswer, sagaPageAnswer } from './orders.answers.ts';
import { isUuid } from './orders.schema.ts';

const listSagasQuery = z.strictObject({
  ...paging,
  state: z.enum(['running', 'compensating', 'completed', 'aborted', 'stuck']).optional(),
  stuckFor: timeSpan.optional(),
});
type ListSagas = z.output<typeof listSagasQuery>;

/** A saga with the id of its order, and what operators did to it. */
type OrderSaga = Omit<SagaView, 'key'> & {
  readonly orderId: string;
  readonly audit: readonly Omit<SagaActionEntity, 'id' | 'sagaId' | 'orderId'>[];
};

const newestSagas = new PagedList(
  'sagas',
  z.strictObject({ startedAt: givenInstant, id: text(1, 200) }),
);

/** The sagas of orders, for operators; what they do is audited. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/sagas')
export class SagasController {
  constructor(
    private readonly sagas: SagaRepository,
    private readonly registry: SagaRegistry,
    private readonly actions: SagaActionRepository,
    private readonly submitter: Submitter,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Sagas, the newest first; stuckFor: open ones that have not moved for so long.',
  })
  @Answers(200, sagaPageAnswer, 'A page')
  async list(@Query({ schema: listSagasQuery }) query: ListSagas): Promise<Page<OrderSaga>> {
    const { state, stuckFor } = query;
    const { after, take, page } = newestSagas.read(query, { state, stuckFor });
    const found = await this.sagas.list({
      limit: take,
      ...(state === 'stuck' ? { stuck: true } : state === undefined ? {} : { status: state }),
      ...(stuckFor === undefined ? {} : { stuckFor }),
      ...(after ? { after } : {}),
    });
    return page(await this.viewsOf(found), ({ startedAt, id }) => ({ startedAt, id }));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One saga with its steps and its log.' })
  @Answers(200, sagaAnswer, 'The saga')
  @Refuses(404, 'not_found')
  async find(@Param('id') id: string): Promise<OrderSaga> {
    return this.view(id);
  }

  @Post(':id/retry')
  @ApiOperation({ summary: 'Send the command under way again.' })
  @Answers(202, sagaAnswer, 'Asked again')
  @Refuses(404, 'not_found')
  @Refuses(409, 'saga_settled')
  retry(
    @Param('id') id: string,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<OrderSaga> {
    return this.operate(id, { wish: 'retry', by: auditName(caller) }, trace);
  }

  @Post(':id/compensate')
  @ApiOperation({
    summary: 'Give the order up and undo what was done; 409 from the point of no return on.',
  })
  @Answers(202, sagaAnswer, 'Given up')
  @Refuses(404, 'not_found')
  @Refuses(409, 'saga_settled', 'past_point_of_no_return')
  compensate(
    @Param('id') id: string,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<OrderSaga> {
    return this.operate(id, { wish: 'compensate', by: auditName(caller) }, trace);
  }

  private async operate(
    id: string,
    what: { readonly wish: 'retry' | 'compensate'; readonly by: string },
    trace: Trace,
  ): Promise<OrderSaga> {
    const { id: sagaId, key: orderId } = await this.known(id);
    await this.submitter.submit(OperateSaga({ orderId, sagaId, ...what }), trace);
    return this.view(sagaId);
  }

  /** Accepts the saga's id, or that of its order, which is the saga that began last. */
  private async known(id: string): Promise<SagaState> {
    const ofOrder = orderSagas.map((saga) => sagaId(saga, id.toLowerCase()));
    for (const each of isUuid(id) ? ofOrder.reverse() : [id]) {
      const found = await this.sagas.find(each);
      if (found) return found;
    }
    throw new Problem(404, 'not_found', `there is no saga ${id.slice(0, 60)}`);
  }

  private async view(id: string): Promise<OrderSaga> {
    const [view] = await this.viewsOf([await this.known(id)]);
    return view as OrderSaga;
  }

  private async viewsOf(states: readonly SagaState[]): Promise<OrderSaga[]> {
    const logs = await this.sagas.logs(states);
    const actions = await this.actions.of(states.map(({ id }) => id));
    return states.map((state) => {
      const { key: orderId, ...view } = sagaView(
        this.registry.of(state),
        state,
        logs.get(state.id) ?? [],
      );
      const audit = actions
        .filter(({ sagaId }) => sagaId === state.id)
        .map(({ at, action, step, by }) => ({ at, action, step, by }));
      return { ...view, orderId, audit };
    });
  }
}
