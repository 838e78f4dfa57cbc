import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Trace } from '@waybill/observability';
import type { Account } from '../domain/account.ts';
import { AccountWriter } from './account-writer.ts';

/** A customer removes an address from the address book. */
export class RemoveAddress extends Command<Account> {
  constructor(
    readonly customerId: string,
    readonly addressId: string,
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(RemoveAddress)
export class RemoveAddressHandler implements ICommandHandler<RemoveAddress> {
  constructor(private readonly accounts: AccountWriter) {}

  execute({ customerId, addressId: id, trace }: RemoveAddress): Promise<Account> {
    return this.accounts.change(customerId, { type: 'remove-address', id }, trace);
  }
}
