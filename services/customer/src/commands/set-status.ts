import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Trace } from '@waybill/observability';
import type { Account } from '../domain/account.ts';
import { AccountWriter } from './account-writer.ts';

/** An operator deactivates or reactivates a customer; one who is so already stays so. */
export class SetStatus extends Command<Account> {
  constructor(
    readonly customerId: string,
    readonly change: 'deactivate' | 'reactivate',
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(SetStatus)
export class SetStatusHandler implements ICommandHandler<SetStatus> {
  constructor(private readonly accounts: AccountWriter) {}

  execute({ customerId, change, trace }: SetStatus): Promise<Account> {
    return this.accounts.change(customerId, { type: change }, trace);
  }
}
