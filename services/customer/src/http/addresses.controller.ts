import {
  Body,
  Controller,
  Delete,
  Get,
  Param,
  Post,
  Put,
  Query,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { enteredAddress } from '@waybill/contracts';
import { Answers, Caller, PagedList, Refuses } from '@waybill/http';
import { Trace } from '@waybill/observability';
import { RemoveAddress } from '../commands/remove-address.ts';
import { SaveAddress } from '../commands/save-address.ts';
import { FindCustomer } from '../queries/find-customer.ts';
import { Admission } from './admission.ts';
import { CustomerViews } from './customer.views.ts';
import {
  type AddressBody,
  type AddressPage,
  addressId,
  addressPageAnswer,
  type BookedAddressView,
  bookedAddressAnswer,
  type PageQuery,
  pageQuery,
} from './customers.schema.ts';

/** The method needed to set a header of a response. */
interface Answer {
  header(name: string, value: string): unknown;
}

const addressesInOrder = new PagedList('addresses', addressId);

/** The address book of the caller. */
@ApiTags('Customers')
@UseInterceptors(Admission)
@Controller('api/v1/customers/me/addresses')
export class AddressesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly views: CustomerViews,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The own addresses, in the order in which they were added' })
  @Answers(200, addressPageAnswer, 'A page')
  @Refuses(404, 'not_found')
  async list(
    @Query({ schema: pageQuery }) query: PageQuery,
    @Caller() caller: Caller,
  ): Promise<AddressPage> {
    const { after, page } = addressesInOrder.read(query);
    const { addresses } = await this.queries.execute(new FindCustomer(caller.id));
    const rest = addresses
      .filter(({ id }) => after === undefined || id > after)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    const { items, nextCursor } = page(rest, (last) => last.id);
    return { items: await this.views.addresses(items), nextCursor };
  }

  @Post()
  @ApiOperation({ summary: 'Add an address.' })
  @Answers(201, bookedAddressAnswer, 'The address')
  @Refuses(404, 'not_found')
  @Refuses(409, 'too_many_addresses')
  async add(
    @Body({ schema: enteredAddress }) address: AddressBody,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) answer: Answer,
    @Trace() trace: Trace,
  ): Promise<BookedAddressView> {
    const { id } = await this.commands.execute(new SaveAddress(caller.id, address, null, trace));
    answer.header('location', `/api/v1/customers/me/addresses/${id}`);
    return { id, ...address };
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replace an address.' })
  @Answers(200, bookedAddressAnswer, 'The address')
  @Refuses(404, 'not_found')
  async change(
    @Param('id', { schema: addressId }) id: string,
    @Body({ schema: enteredAddress }) address: AddressBody,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<BookedAddressView> {
    await this.commands.execute(new SaveAddress(caller.id, address, id, trace));
    return { id, ...address };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Remove an address.' })
  @Answers(204, null, 'It is gone')
  @Refuses(404, 'not_found')
  async remove(
    @Param('id', { schema: addressId }) id: string,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<void> {
    await this.commands.execute(new RemoveAddress(caller.id, id, trace));
  }
}
