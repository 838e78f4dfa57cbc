import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller, type Page, PagedList, Problem, Refuses, Roles } from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { z } from 'zod';
import { ReturnRefused } from '../domain/order.errors.ts';
import type { ReceivedLine } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { ReceiveReturn, RefuseReturn, RequestReturn } from '../messages/order.local.ts';
import { type ReturnView, returnView } from '../messages/order.view.ts';
import { OrderRepository } from '../storage/order.repository.ts';
import { returnAnswer, returnPageAnswer } from './orders.answers.ts';
import {
  isUuid,
  type ListReturns,
  listReturnsQuery,
  type ReceiveReturnBody,
  type RefuseReturnBody,
  type RequestReturnBody,
  receiveReturn,
  refuseReturn,
  requestReturn,
} from './orders.schema.ts';
import { visibleOrder } from './visible-order.ts';

const oldestReturns = new PagedList('returns', z.uuid());

/** Returns: customers request them, and operators receive or refuse the goods. */
@ApiTags('Orders')
@Controller('api/v1')
export class ReturnsController {
  constructor(
    private readonly orders: OrderRepository,
    private readonly submitter: Submitter,
  ) {}

  @Post('orders/:id/returns')
  @ApiOperation({
    summary: 'Send goods of a delivered order back: they are refunded when they have come.',
    description:
      'The return is authorized at once, and the order is `returning` until the goods are received or refused. What comes back is ' +
      'refunded with its tax; the shipping cost too, once nothing of the order is kept. One return is open at a time: the same request ' +
      'again gets the same return. A parcel that a carrier cannot deliver comes back without a request.',
  })
  @Answers(202, returnAnswer, 'The return')
  @Refuses(404, 'not_found')
  @Refuses(409, 'wrong_state')
  @Refuses(422, 'not_returnable', 'duplicate_sku')
  async request(
    @Param('id') id: string,
    @Body({ schema: requestReturn }) { lines, reason }: RequestReturnBody,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<ReturnView> {
    const { id: orderId } = await visibleOrder(this.orders, id, caller);
    const wanted = RequestReturn({ orderId, lines, reason });
    const { returnId } = await this.submitter
      .submit<{ returnId: string }>(wanted, trace)
      .catch((error: unknown) => refuse(error));
    return viewIn(await visibleOrder(this.orders, orderId, caller), returnId);
  }

  @Get('orders/:id/returns')
  @ApiOperation({ summary: 'The returns of an order, the oldest first.' })
  @Answers(200, returnPageAnswer, 'A page')
  @Refuses(404, 'not_found')
  async list(
    @Param('id') id: string,
    @Query({ schema: listReturnsQuery }) query: ListReturns,
    @Caller() caller: Caller,
  ): Promise<Page<object>> {
    const order = await visibleOrder(this.orders, id, caller);
    const { after, take, page } = oldestReturns.read(query, { id: order.id });
    const start = order.returns.findIndex(({ id }) => id === after) + 1;
    const found = order.returns.slice(start, start + take);
    return page(
      found.map((each) => returnView(order, each)),
      (last) => last.id,
    );
  }

  @Roles('operator')
  @Post('returns/:id/receive')
  @ApiOperation({
    summary: 'The goods of a return have come: refund them, and put on sale what is sellable.',
    description:
      'Goods that are not named, or refused, were not sent: the return waits for nothing else. A product may be on a line with ' +
      '`sellable: true`, the default, and on one with `false`.',
  })
  @Answers(202, returnAnswer, 'The return, which is being refunded')
  @Refuses(404, 'not_found')
  @Refuses(409, 'wrong_state')
  @Refuses(422, 'not_returnable')
  receive(
    @Param('id') id: string,
    @Body({ schema: receiveReturn }) { lines }: ReceiveReturnBody,
    @Trace() trace: Trace,
  ): Promise<ReturnView> {
    if (!lines) return this.operate(id, ReceiveReturn, trace);
    const received = bySku(lines);
    // A product may be on two of the lines that were sent: an error names the first of them.
    const sent = (line: number) => lines.findIndex(({ sku }) => sku === received[line]?.sku);
    return this.operate(id, (named) => ReceiveReturn({ ...named, lines: received }), trace, sent);
  }

  @Roles('operator')
  @Post('returns/:id/refuse')
  @ApiOperation({
    summary: 'Goods of a return are not accepted, and not refunded.',
    description:
      'The return goes on with its other goods. When none are left, it is `refused` and the order is `delivered` as before.',
  })
  @Answers(202, returnAnswer, 'The return')
  @Refuses(404, 'not_found')
  @Refuses(409, 'wrong_state')
  @Refuses(422, 'not_returnable', 'duplicate_sku')
  refuse(
    @Param('id') id: string,
    @Body({ schema: refuseReturn }) { lines }: RefuseReturnBody,
    @Trace() trace: Trace,
  ): Promise<ReturnView> {
    const refused = lines ? { lines } : {};
    return this.operate(id, (named) => RefuseReturn({ ...named, ...refused }), trace);
  }

  private async operate(
    id: string,
    message: (named: { orderId: string; returnId: string }) => Parameters<Submitter['submit']>[0],
    trace: Trace,
    placeOf?: (line: number) => number,
  ): Promise<ReturnView> {
    const returnId = id.toLowerCase();
    const { id: orderId } = await this.ownerOf(returnId);
    await this.submitter
      .submit(message({ orderId, returnId }), trace)
      .catch((error: unknown) => refuse(error, placeOf));
    return viewIn(await this.ownerOf(returnId), returnId);
  }

  private async ownerOf(returnId: string): Promise<Order> {
    const order = isUuid(returnId) ? await this.orders.findByReturn(returnId) : undefined;
    if (order) return order;
    throw new Problem(404, 'not_found', `there is no return ${returnId.slice(0, 40)}`);
  }
}

function viewIn(order: Order, returnId: string): ReturnView {
  const found = order.returns.find(({ id }) => id === returnId);
  if (found) return returnView(order, found);
  throw new Problem(404, 'not_found', `there is no return ${returnId}`);
}

/** One line per product, with the number of its sellable units. */
function bySku(lines: NonNullable<ReceiveReturnBody['lines']>): ReceivedLine[] {
  const found = new Map<string, ReceivedLine>();
  for (const { sku, quantity, sellable = true } of lines) {
    const before = found.get(sku) ?? { sku, quantity: 0, sellable: 0 };
    found.set(sku, {
      sku,
      quantity: before.quantity + quantity,
      sellable: before.sellable + (sellable ? quantity : 0),
    });
  }
  return [...found.values()];
}

function refuse(error: unknown, placeOf = (line: number): number => line): never {
  if (!(error instanceof ReturnRefused)) throw error;
  const { code, message } = error;
  const path = error.path.replace(/\d+/, (line) => String(placeOf(Number(line))));
  throw new Problem(422, code, message, { errors: [{ path, message }] });
}
