import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Caller } from '@waybill/http';
import type { SubmitOptions } from '@waybill/messaging';
import type { AccountRefused } from '../domain/account.errors.ts';
import { domainOf } from '../domain/email.ts';
import { RegisterAccount } from '../messages/account.local.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountRepository } from '../storage/account.repository.ts';
import { AccountWriter } from './account-writer.ts';

/** A customer whom another issuer has signed in gets an account, with what the token says; one who has one keeps it as it is. */
export class AdmitCustomer extends Command<void> {
  constructor(
    readonly caller: Pick<Caller, 'id' | 'email' | 'name'>,
    readonly trace: SubmitOptions,
  ) {
    super();
  }
}

@CommandHandler(AdmitCustomer)
export class AdmitCustomerHandler implements ICommandHandler<AdmitCustomer> {
  constructor(
    private readonly personal: PersonalData,
    private readonly repository: AccountRepository,
    private readonly accounts: AccountWriter,
  ) {}

  async execute({ caller, trace }: AdmitCustomer): Promise<void> {
    if (await this.repository.find(caller.id)) return;
    try {
      await this.register(caller, caller.email, trace);
    } catch (error) {
      // An issuer may give one address to several users; the first of them has it.
      if ((error as Partial<AccountRefused>).code !== 'email_taken') throw error;
      await this.register(caller, '', trace);
    }
  }

  private async register(
    { id: customerId, name }: AdmitCustomer['caller'],
    email: string,
    trace: SubmitOptions,
  ): Promise<void> {
    const encrypt = await this.personal.encryptFor(customerId);
    const address = email === '' ? null : email;
    const registration = RegisterAccount({
      customerId,
      email: address && encrypt(address),
      emailDomain: address && domainOf(address),
      emailHash: address && (await this.personal.hashOf(address)),
      name: name === '' ? null : encrypt(name),
      locale: 'en',
      roles: ['customer'],
      passwordHash: null,
    });
    await this.accounts.submit(registration, trace);
  }
}
