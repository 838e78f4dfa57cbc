import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Trace } from '@waybill/observability';
import type { Preferences } from '../domain/account.events.ts';
import type { Account } from '../domain/account.ts';
import { AccountWriter } from './account-writer.ts';

/** A customer chooses which e-mails to get, and in which language. */
export class ChangePreferences extends Command<Account> {
  constructor(
    readonly customerId: string,
    readonly preferences: Preferences,
    /** As it is, if undefined. */
    readonly locale: string | undefined,
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(ChangePreferences)
export class ChangePreferencesHandler implements ICommandHandler<ChangePreferences> {
  constructor(private readonly accounts: AccountWriter) {}

  execute({ customerId, preferences, locale, trace }: ChangePreferences): Promise<Account> {
    const change = { type: 'change-preferences', preferences, locale } as const;
    return this.accounts.change(customerId, change, trace);
  }
}
