import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { checkNotErased } from '../domain/account.decisions.ts';
import type { Account } from '../domain/account.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountRepository } from '../storage/account.repository.ts';

/** An operator wants a new version of the key of a customer. */
export class RotateKeys extends Command<Account> {
  constructor(readonly customerId: string) {
    super();
  }
}

@CommandHandler(RotateKeys)
export class RotateKeysHandler implements ICommandHandler<RotateKeys> {
  constructor(
    private readonly personal: PersonalData,
    private readonly accounts: AccountRepository,
  ) {}

  async execute({ customerId }: RotateKeys): Promise<Account> {
    const account = await this.accounts.get(customerId);
    checkNotErased(account);
    await this.personal.rotate(customerId);
    return account;
  }
}
