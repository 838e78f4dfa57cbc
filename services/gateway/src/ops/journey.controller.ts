import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { allContracts, channelOf, kindOfChannel } from '@waybill/contracts';
import { Answers, Caller, isOperator, Problem, Refuses } from '@waybill/http';
import { traceIdOf } from '@waybill/observability';
import { type JourneyRow, SystemOperations } from '@waybill/service';
import { z } from 'zod';
import { OrderOwner } from '../order-owner.ts';
import { journeyAnswer } from './operations.schema.ts';

const kinds = new Map(allContracts.map(({ type, kind }) => [type, kind as string]));
/** The only messages that sagas send to themselves are their timers. */
const timersOfSagas = channelOf({ context: 'saga', kind: 'local' });
/** Whom services call while they handle a message. */
const outside: Readonly<Record<string, string>> = {
  payment: 'payment-provider',
  shipping: 'carriers',
};
const orderId = z.string().max(100).toLowerCase();

/** Every message and step of an order, from all services, in causal order. */
@ApiTags('Orders')
@Controller('api/v1/orders')
export class JourneyController {
  constructor(
    private readonly operations: SystemOperations,
    private readonly owner: OrderOwner,
  ) {}

  @Get(':id/journey')
  @ApiOperation({ summary: 'Every message of an order, in causal order' })
  @Answers(200, journeyAnswer, 'All of them')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  async journey(
    @Param('id', { schema: orderId }) id: string,
    @Caller() caller: Caller,
    @Req() request: { headers: { authorization?: string } },
  ) {
    if (!(await this.owner.sees(id, request.headers.authorization ?? ''))) {
      throw new Problem(404, 'not_found', `there is no order ${id}`);
    }
    const { items, missing } = await this.operations.journey(id);
    return { items: items.map((row) => shown(row, isOperator(caller))), nextCursor: null, missing };
  }
}

/**
 * The kind of a row: a message kind, an HTTP request, a step or timer of a saga, a call outside, or a local message of a service. The first
 * message of a request belongs to the conversation of the request; a message that a service starts itself begins its own.
 */
function kindOf({
  kind: known,
  name,
  channel,
  messageId,
  correlationId,
}: Omit<JourneyRow, 'group' | 'outcome'>) {
  if (known) return known;
  const kind = kinds.get(name) ?? kindOfChannel(channel) ?? 'http';
  if (kind !== 'local') return kind;
  if (channel === timersOfSagas) return 'saga';
  return correlationId === messageId ? 'local' : 'http';
}

/** Operators also see which group processed a message, and with which outcome. */
function shown({ group, outcome, ...row }: JourneyRow, operator: boolean) {
  const { at, name, from, broker, channel, messageId, causationId, attempt, durationMs } = row;
  const kind = kindOf(row);
  const to = kind === 'effect' ? (outside[row.from] ?? row.to) : row.to;
  const told = { at, kind, name, from, to, broker, channel };
  const traceId = traceIdOf(row.correlationId);
  const traced = { messageId, causationId, traceId, attempt, durationMs };
  return operator ? { ...told, ...traced, group, outcome } : { ...told, ...traced };
}
