import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Trace } from '@waybill/observability';
import { AccountRefused } from '../domain/account.errors.ts';
import type { Account } from '../domain/account.ts';
import { domainOf } from '../domain/email.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountRepository } from '../storage/account.repository.ts';
import { AccountWriter } from './account-writer.ts';

const attempts = 3;

/** A customer wants another e-mail address; the one of now again changes nothing. */
export class ChangeEmail extends Command<Account> {
  constructor(
    readonly customerId: string,
    readonly email: string,
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(ChangeEmail)
export class ChangeEmailHandler implements ICommandHandler<ChangeEmail> {
  constructor(
    private readonly personal: PersonalData,
    private readonly repository: AccountRepository,
    private readonly accounts: AccountWriter,
  ) {}

  async execute(command: ChangeEmail): Promise<Account> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(command);
      } catch (error) {
        const { code } = error as Partial<AccountRefused>;
        if (code !== 'changed_meanwhile' || attempt === attempts) throw error;
      }
    }
  }

  private async attempt({ customerId, email, trace }: ChangeEmail): Promise<Account> {
    const account = await this.repository.get(customerId);
    const before = account.email && ((await this.personal.decrypt(account.email)) ?? null);
    if (before === email && account.status === 'active') return account;
    const encrypt = await this.personal.encryptFor(customerId);
    const to = { email: encrypt(email), emailDomain: domainOf(email) };
    const hash = (address: string) => this.personal.hashOf(address);
    const hashes = {
      before: before === null ? null : await hash(before),
      after: await hash(email),
    };
    return this.accounts.change(customerId, { type: 'change-email', to }, trace, hashes);
  }
}
