import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller, PagedList, Public, Refuses, Roles } from '@waybill/http';
import { Trace } from '@waybill/observability';
import { z } from 'zod';
import { RegisterCustomer } from '../commands/register-customer.ts';
import { RotateKeys } from '../commands/rotate-keys.ts';
import { SetStatus } from '../commands/set-status.ts';
import { shownData } from '../domain/account.events.ts';
import { FindCustomer } from '../queries/find-customer.ts';
import { ListCustomerEvents } from '../queries/list-customer-events.ts';
import { ListCustomers } from '../queries/list-customers.ts';
import { CustomerViews } from './customer.views.ts';
import {
  type CustomerEventPage,
  type CustomerPage,
  type CustomerView,
  customerAnswer,
  customerEventPageAnswer,
  customerId,
  customerPageAnswer,
  type FindCustomerQuery,
  findCustomerQuery,
  type ListCustomersQuery,
  listCustomersQuery,
  type PageQuery,
  pageQuery,
  type Register,
  register,
} from './customers.schema.ts';

/** The method needed to set a header of a response. */
interface Answer {
  header(name: string, value: string): unknown;
}

const customersById = new PagedList('customers', customerId);
const eventsByVersion = new PagedList('customer-events', z.int().min(0));

/** Sign-up, and accounts for operators. */
@ApiTags('Customers')
@Controller('api/v1/customers')
export class CustomersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly views: CustomerViews,
  ) {}

  @Public()
  @Post()
  @ApiOperation({ summary: 'Sign up with an e-mail address and a password.' })
  @Answers(201, customerAnswer, 'The account')
  @Refuses(409, 'email_taken')
  async register(
    @Body({ schema: register }) body: Register,
    @Res({ passthrough: true }) answer: Answer,
    @Trace() trace: Trace,
  ): Promise<CustomerView> {
    const account = await this.commands.execute(new RegisterCustomer(body, trace));
    answer.header('location', `/api/v1/customers/${account.id}`);
    return this.views.own(account);
  }

  @Get()
  @Roles('operator')
  @ApiOperation({
    summary:
      'Customers in the order of their sign-ups, by e-mail domain and by whether they are active.',
    description: 'A read model: it follows the accounts, and tells how far it is behind them.',
  })
  @Answers(200, customerPageAnswer, 'A page')
  async list(
    @Query({ schema: listCustomersQuery }) query: ListCustomersQuery,
    @Caller() caller: Caller,
  ): Promise<CustomerPage> {
    const { emailDomain, active, reason } = query;
    const { after, take, page } = customersById.read(query, { emailDomain, active });
    const filter = { emailDomain, after, limit: take };
    const isActive = active === undefined ? {} : { active: active === 'true' };
    const found = await this.queries.execute(new ListCustomers({ ...filter, ...isActive }));
    const { items, nextCursor } = page(found.customers, ({ id }) => id);
    const { asOf, lagMs } = found;
    const shown = await Promise.all(
      items.map((each) => this.views.listed(each, { caller, reason })),
    );
    return { items: shown, nextCursor, asOf, lagMs };
  }

  @Get(':id')
  @Roles('operator')
  @ApiOperation({ summary: 'One account, as it is now' })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  async find(
    @Param('id', { schema: customerId }) id: string,
    @Query({ schema: findCustomerQuery }) { reason }: FindCustomerQuery,
    @Caller() caller: Caller,
  ): Promise<CustomerView> {
    const account = await this.queries.execute(new FindCustomer(id));
    return this.views.forOperator(account, { caller, reason });
  }

  @Get(':id/events')
  @Roles('operator')
  @ApiOperation({ summary: 'What happened to an account, the oldest first.' })
  @Answers(200, customerEventPageAnswer, 'A page')
  @Refuses(404, 'not_found')
  async events(
    @Param('id', { schema: customerId }) id: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ): Promise<CustomerEventPage> {
    const { after = 0, take, page } = eventsByVersion.read(query, { id });
    const found = await this.queries.execute(new ListCustomerEvents(id, after, take));
    const items = found.map(({ version, type, at, data }) => ({
      version,
      type,
      at,
      data: shownData(data),
    }));
    const { items: shown, nextCursor } = page(items, (last) => last.version);
    return { items: [...shown], nextCursor };
  }

  @Post(':id/deactivate')
  @Roles('operator')
  @ApiOperation({ summary: 'Deactivate an account; to deactivate it again changes nothing.' })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  async deactivate(
    @Param('id', { schema: customerId }) id: string,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<CustomerView> {
    const account = await this.commands.execute(new SetStatus(id, 'deactivate', trace));
    return this.views.forOperator(account, { caller });
  }

  @Post(':id/reactivate')
  @Roles('operator')
  @ApiOperation({ summary: 'Reactivate an account; to reactivate an active one changes nothing.' })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  async reactivate(
    @Param('id', { schema: customerId }) id: string,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<CustomerView> {
    const account = await this.commands.execute(new SetStatus(id, 'reactivate', trace));
    return this.views.forOperator(account, { caller });
  }

  @Post(':id/keys/rotate')
  @Roles('operator')
  @ApiOperation({
    summary: 'Make a new version of the key that encrypts the personal data of a customer.',
    description: 'It encrypts from now on. What is encrypted already stays as it is, and readable.',
  })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  async rotateKeys(
    @Param('id', { schema: customerId }) id: string,
    @Caller() caller: Caller,
  ): Promise<CustomerView> {
    return this.views.forOperator(await this.commands.execute(new RotateKeys(id)), { caller });
  }
}
