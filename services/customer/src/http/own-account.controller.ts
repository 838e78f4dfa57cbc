import { Body, Controller, Delete, Get, Put, UseInterceptors } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller, Refuses } from '@waybill/http';
import { Trace } from '@waybill/observability';
import { ChangeEmail } from '../commands/change-email.ts';
import { ChangePreferences } from '../commands/change-preferences.ts';
import { EraseCustomer } from '../commands/erase-customer.ts';
import type { Account } from '../domain/account.ts';
import { FindCustomer } from '../queries/find-customer.ts';
import { Admission } from './admission.ts';
import { CustomerViews } from './customer.views.ts';
import {
  type ChangeEmailBody,
  type ChangePreferencesBody,
  type CustomerView,
  changeEmail,
  changePreferences,
  customerAnswer,
  type PreferencesView,
  preferencesAnswer,
} from './customers.schema.ts';

/** The account of the caller. */
@ApiTags('Customers')
@UseInterceptors(Admission)
@Controller('api/v1/customers/me')
export class OwnAccountController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly views: CustomerViews,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The own account' })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  async find(@Caller() caller: Caller): Promise<CustomerView> {
    return this.views.own(await this.queries.execute(new FindCustomer(caller.id)));
  }

  @Delete()
  @ApiOperation({
    summary: 'Erase yourself, for good.',
    description:
      'Personal data are unreadable at once, also in orders, invoices and messages, which stay without them. Orders under way end. ' +
      'The e-mail address is free for a new account.',
  })
  @Answers(202, null, 'They are erased')
  async erase(@Caller() { id }: Caller, @Trace() trace: Trace): Promise<void> {
    await this.commands.execute(new EraseCustomer(id, trace));
  }

  @Put('email')
  @ApiOperation({ summary: 'Change the own e-mail address.' })
  @Answers(200, customerAnswer, 'The account')
  @Refuses(404, 'not_found')
  @Refuses(409, 'email_taken')
  async changeEmail(
    @Body({ schema: changeEmail }) { email }: ChangeEmailBody,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<CustomerView> {
    const account = await this.commands.execute(new ChangeEmail(caller.id, email, trace));
    return this.views.own(account);
  }

  @Get('preferences')
  @ApiOperation({ summary: 'Which e-mails the caller gets, and their language' })
  @Answers(200, preferencesAnswer, 'The preferences')
  @Refuses(404, 'not_found')
  async preferences(@Caller() caller: Caller): Promise<PreferencesView> {
    return preferencesOf(await this.queries.execute(new FindCustomer(caller.id)));
  }

  @Put('preferences')
  @ApiOperation({ summary: 'Choose which e-mails to get, and their language.' })
  @Answers(200, preferencesAnswer, 'The preferences')
  @Refuses(404, 'not_found')
  async changePreferences(
    @Body({ schema: changePreferences }) { locale, ...preferences }: ChangePreferencesBody,
    @Caller() caller: Caller,
    @Trace() trace: Trace,
  ): Promise<PreferencesView> {
    const command = new ChangePreferences(caller.id, preferences, locale, trace);
    return preferencesOf(await this.commands.execute(command));
  }
}

const preferencesOf = ({ preferences, locale }: Account): PreferencesView => ({
  email: preferences.email,
  mutedTemplates: [...preferences.mutedTemplates],
  locale,
  digest: preferences.digest ?? 'none',
});
