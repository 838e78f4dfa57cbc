import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SubmitOptions } from '@waybill/messaging';
import type { AccountRefused } from '../domain/account.errors.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountRepository } from '../storage/account.repository.ts';
import { ErasedRows } from '../storage/erased-rows.ts';
import { AccountWriter } from './account-writer.ts';

const attempts = 3;

/** A customer wants to be erased, also one of another issuer, who has no account here. To erase an erased one changes nothing. */
export class EraseCustomer extends Command<void> {
  constructor(
    readonly customerId: string,
    readonly trace: SubmitOptions,
  ) {
    super();
  }
}

/**
 * Deletes the key first: what goes wrong afterwards is repeated from there, because an account whose key is deleted is to be erased
 * (`Erasures`).
 */
@CommandHandler(EraseCustomer)
export class EraseCustomerHandler implements ICommandHandler<EraseCustomer> {
  constructor(
    private readonly personal: PersonalData,
    private readonly repository: AccountRepository,
    private readonly accounts: AccountWriter,
    private readonly rows: ErasedRows,
  ) {}

  async execute({ customerId, trace }: EraseCustomer): Promise<void> {
    const account = await this.repository.find(customerId);
    await this.personal.erase(customerId);
    if (!account) return;
    await this.submit(customerId, trace);
    await this.rows.delete(customerId);
  }

  /** The e-mail address may be changed at the same time. */
  private async submit(customerId: string, trace: SubmitOptions): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.rows.emailHash(customerId);
      try {
        await this.accounts.change(customerId, { type: 'erase' }, trace, { before, after: null });
        return;
      } catch (error) {
        const { code } = error as Partial<AccountRefused>;
        if (code !== 'changed_meanwhile' || attempt === attempts) throw error;
      }
    }
  }
}
