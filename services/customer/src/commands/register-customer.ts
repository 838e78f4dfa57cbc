import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { newId } from '@waybill/contracts';
import { hashPassword } from '@waybill/http';
import type { Trace } from '@waybill/observability';
import { emailTaken } from '../domain/account.errors.ts';
import type { Account } from '../domain/account.ts';
import { domainOf } from '../domain/email.ts';
import { RegisterAccount } from '../messages/account.local.ts';
import { PersonalData } from '../personal-data.ts';
import { Credentials } from '../storage/credentials.repository.ts';
import { AccountWriter } from './account-writer.ts';

/** A customer signs up with a password. */
export class RegisterCustomer extends Command<Account> {
  constructor(
    readonly customer: {
      readonly email: string;
      readonly password: string;
      readonly name: string;
      readonly locale: string;
    },
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(RegisterCustomer)
export class RegisterCustomerHandler implements ICommandHandler<RegisterCustomer> {
  constructor(
    private readonly personal: PersonalData,
    private readonly credentials: Credentials,
    private readonly accounts: AccountWriter,
  ) {}

  async execute({ customer, trace }: RegisterCustomer): Promise<Account> {
    const { email, password, name, locale } = customer;
    const customerId = newId();
    const passwordHash = await hashPassword(password);
    // The commit checks it too. A sign-up that is refused here leaves no key of a customer who never was.
    if (await this.credentials.find(email)) throw emailTaken();
    const encrypt = await this.personal.encryptFor(customerId);
    const registration = RegisterAccount({
      customerId,
      email: encrypt(email),
      emailDomain: domainOf(email),
      emailHash: await this.personal.hashOf(email),
      name: encrypt(name),
      locale,
      roles: ['customer'],
      passwordHash,
    });
    return this.accounts.submit(registration, trace);
  }
}
