import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  AnswersAs,
  Caller,
  EventStreams,
  isOperator,
  type Page,
  PagedList,
  Problem,
  Refuses,
  sendKept,
  type Wish,
} from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { OrderRefused } from '../domain/order.errors.ts';
import type { Order, OrderStatus } from '../domain/order.ts';
import { CancelOrder } from '../messages/order.local.ts';
import type { OrderView } from '../messages/order.view.ts';
import { OrderRepository } from '../storage/order.repository.ts';
import { OrderIntake } from './order-intake.ts';
import { OrderSignals } from './order-signals.ts';
import { OrderStream } from './order-stream.ts';
import { OrderViews } from './order-views.ts';
import { orderAnswer, orderEventPageAnswer, orderPageAnswer } from './orders.answers.ts';
import {
  type CancelOrderBody,
  cancelOrder,
  findOrderQuery,
  type ListEvents,
  type ListOrders,
  listEventsQuery,
  listOrdersQuery,
  type PlaceOrderBody,
  placeOrder,
  type StreamOrder,
  streamOrderQuery,
} from './orders.schema.ts';
import { PersonalOrders } from './personal-orders.ts';
import { visibleOrder } from './visible-order.ts';

const newestOrders = new PagedList('orders', z.uuid());
const orderChanges = new PagedList('order-changes', z.int().min(0));
const orderEvents = new PagedList('order-events', z.int().min(0));

/** Orders, for the customers who own them and for operators. */
@ApiTags('Orders')
@Controller('api/v1/orders')
export class OrdersController {
  constructor(
    private readonly intake: OrderIntake,
    private readonly orders: OrderRepository,
    private readonly views: OrderViews,
    private readonly personal: PersonalOrders,
    private readonly signals: OrderSignals,
    private readonly stream: OrderStream,
    private readonly streams: EventStreams,
    private readonly submitter: Submitter,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Place an order; it is priced and accepted at once, and settled later.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 characters' })
  @Answers(202, orderAnswer, 'Accepted; Location is where to look')
  @Refuses(
    422,
    'unknown_sku',
    'unknown_country',
    'unprintable_address',
    'invalid_payment_token',
    'invalid_vat_id',
    'duplicate_sku',
    'total_too_large',
    'parcel_too_heavy',
    'unknown_voucher',
    'voucher_disabled',
    'voucher_not_yet_valid',
    'voucher_expired',
    'voucher_below_minimum',
    'voucher_used_up',
    'voucher_customer_limit',
    'wrong_currency',
    'credit_exceeds_total',
    'idempotency_key_reused',
  )
  async place(
    @Body({ schema: placeOrder }) body: PlaceOrderBody,
    @Caller() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Trace() trace: Trace,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { accepted, replayed } = await this.intake.accept(body, caller, key, trace).catch(refuse);
    const opened = await this.personal.opened(accepted.body);
    await sendKept(reply, { ...accepted, body: opened }, replayed);
  }

  @Get()
  @ApiOperation({
    summary: 'Own orders, the newest first; with since_id, every change, the oldest first.',
    description:
      'The parameters go together in any way. `status` and `customerId` choose among the orders as they are now, in the ' +
      'feed as in the list: of an order that has another status by now the feed has no change, so whoever waits for a ' +
      'status that passes polls without it. `customerId` is for operators; customers see their own orders. `since_id` ' +
      'gives the changes after it; `cursor` goes on behind a page, and never before `since_id`.',
  })
  @Answers(200, orderPageAnswer, 'A page')
  @Refuses(403, 'forbidden')
  async list(
    @Query({ schema: listOrdersQuery }) query: ListOrders,
    @Caller() caller: Caller,
  ): Promise<Page<object>> {
    const customerId = visibleCustomer(query.customerId, caller);
    const filter = { customerId, status: query.status as OrderStatus | undefined };
    const wish = { caller, reason: query.reason };
    if (query.since_id !== undefined) return this.feed(query, query.since_id, filter, wish);
    const { after, take, page } = newestOrders.read(query, filter);
    const found = await this.orders.list({ ...filter, before: after, limit: take });
    const views = await this.views.all(found, wish);
    return page(views, (last) => last.id);
  }

  @Get(':id')
  @ApiOperation({
    summary:
      'One order; with wait, as soon as it has left pending or its payment requires an action.',
    description:
      'With `version`, the order as it was at that version, at once. The versions of an order are 1, 2 and so on; one that ' +
      'it has not reached yet is 404.',
  })
  @Answers(200, orderAnswer, 'The order')
  @Refuses(404, 'not_found')
  async find(
    @Param('id') id: string,
    @Query({ schema: findOrderQuery }) { wait, version, reason }: z.output<typeof findOrderQuery>,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    const order = await this.visible(id, caller);
    const wish = { caller, reason };
    if (version !== undefined) return this.views.of(await this.asOf(order, version), wish);
    if (!wait || order.status !== 'pending') return this.views.of(order, wish);
    const { actionUrl } = order.payment;
    const settled = await this.signals.until(order.id, {
      within: wait,
      read: () => this.visible(order.id, caller),
      // A customer who must confirm the payment learns it at once; one who knows it waits for what follows.
      isSettled: ({ status, payment }) =>
        status !== 'pending' || (actionUrl === undefined && payment?.actionUrl !== undefined),
      isGone: () => reply.raw.destroyed,
    });
    return this.views.of(settled, wish);
  }

  @Post(':id/cancel')
  @ApiOperation({
    summary: 'Cancel an order that is not shipped yet: what was done for it is undone.',
    description:
      'The order is `cancelling` until all is undone, then `cancelled`. While its payment is being captured, a cancel is ' +
      'remembered (`cancelReason`), and begins when the order is confirmed. If the carrier turns out to have the parcel, the ' +
      'order goes on as `shipped`, without its `cancelReason`. A cancel of a cancelled order changes nothing.',
  })
  @Answers(202, orderAnswer, 'The order after the cancel was requested')
  @Refuses(404, 'not_found')
  @Refuses(409, 'wrong_state')
  async cancel(
    @Param('id') id: string,
    @Body({ schema: cancelOrder }) { reason }: CancelOrderBody,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<OrderView> {
    const { id: orderId } = await this.visible(id, caller);
    await this.submitter.submit(CancelOrder({ orderId, reason }), trace);
    return this.views.of(await this.visible(orderId, caller), { caller });
  }

  @Get(':id/events')
  @ApiOperation({ summary: 'What happened to an order, the oldest first.' })
  @Answers(200, orderEventPageAnswer, 'A page')
  @Refuses(404, 'not_found')
  async events(
    @Param('id') id: string,
    @Query({ schema: listEventsQuery }) query: ListEvents,
    @Caller() caller: Caller,
  ): Promise<Page<object>> {
    const order = await this.visible(id, caller);
    const { after = 0, take, page } = orderEvents.read(query, { id: order.id });
    const found = await this.orders.events(order.id, after, take);
    const wish = { caller, reason: query.reason };
    const items = await Promise.all(
      found.map(async ({ position, version, type, at, data }) => ({
        changeId: position,
        version,
        type,
        at,
        data:
          type === 'placed' ? { ...data, content: await this.personal.content(order, wish) } : data,
      })),
    );
    return page(items, (last) => last.version);
  }

  @Get(':id/stream')
  @ApiOperation({
    summary: 'The versions of an order as they come: server-sent events `order_updated`.',
    description:
      'The id of an event is the version of the order, one more each time; its data are the order at that version. ' +
      'Without Last-Event-ID it begins with the order as it is, else with the version after it, so that a reader who ' +
      'comes again misses nothing. It stays open; a comment comes each 15 seconds.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event that the reader has; 0 for all',
  })
  @AnswersAs(
    'text/event-stream',
    'Events `order_updated` whose data are the order, until the reader leaves',
  )
  @Refuses(404, 'not_found')
  @Refuses(429, 'too_many_streams')
  @Refuses(503, 'overloaded', 'unavailable')
  async follow(
    @Param('id') id: string,
    @Query({ schema: streamOrderQuery }) { lastEventId, reason }: StreamOrder,
    @Headers('last-event-id') header: string | undefined,
    @Caller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const order = await this.visible(id, caller);
    const after = this.stream.start(order, header, lastEventId);
    this.stream.follow(order.id, after, this.streams.begin(reply, caller), { caller, reason });
  }

  private async feed(
    query: ListOrders,
    sinceId: number,
    filter: { customerId: string | undefined; status: OrderStatus | undefined },
    wish: Wish,
  ): Promise<Page<object>> {
    const { after = 0, take, page } = orderChanges.read(query, filter);
    const changes = await this.orders.changes(Math.max(after, sinceId), take, filter);
    const orders = changes.map(({ order }) => order);
    const views = await this.views.all(orders, wish);
    const items = changes.map(({ event: { position, version, type, at } }, i) => ({
      changeId: position,
      change: { type, version, at },
      ...views[i],
    }));
    return page(items, (last) => last.changeId);
  }

  private async asOf({ id, revision }: Order, version: number): Promise<Order> {
    const order = await this.orders.asOf(id, version);
    if (order) return order;
    const detail = `order ${id} has no version ${version}: its last is ${revision}`;
    throw new Problem(404, 'not_found', detail);
  }

  private visible(id: string, caller: Caller): Promise<Order> {
    return visibleOrder(this.orders, id, caller);
  }
}

function visibleCustomer(wanted: string | undefined, caller: Caller): string | undefined {
  if (isOperator(caller)) return wanted;
  if (wanted === undefined || wanted === caller.id) return caller.id;
  throw new Problem(403, 'forbidden', 'only operators see the orders of other customers');
}

function refuse(error: unknown): never {
  if (!(error instanceof OrderRefused)) throw error;
  const { code, message, path } = error;
  throw new Problem(422, code, message, path === undefined ? {} : { errors: [{ path, message }] });
}
