import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { DevelopmentUser } from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { CONFIG, type SeedContext } from '@waybill/service';
import { In, Repository } from 'typeorm';
import type { CustomerConfig } from '../customer.config.ts';
import { domainOf } from '../domain/email.ts';
import { RegisterAccount } from '../messages/account.local.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountEntity } from '../storage/customer.entities.ts';

/** Makes accounts of the development users. */
@Injectable()
export class DevelopmentAccounts {
  constructor(
    @Inject(CONFIG) private readonly config: CustomerConfig,
    @InjectRepository(AccountEntity) private readonly accounts: Repository<AccountEntity>,
    private readonly personal: PersonalData,
    private readonly submitter: Submitter,
  ) {}

  /** An account that exists is left as its customer changed it. */
  async seed(): Promise<void> {
    const { users } = this.config;
    const found = await this.accounts.findBy({ id: In(users.map(({ id }) => id)) });
    const known = new Set(found.map(({ id }) => id));
    for (const user of users) if (!known.has(user.id)) await this.register(user);
  }

  private async register({ id, email, name, roles, passwordHash }: DevelopmentUser): Promise<void> {
    const encrypt = await this.personal.encryptFor(id);
    const registration = RegisterAccount({
      customerId: id,
      email: encrypt(email),
      emailDomain: domainOf(email),
      emailHash: await this.personal.hashOf(email),
      name: encrypt(name),
      locale: 'en',
      roles,
      passwordHash,
    });
    await this.submitter.submit(registration);
  }
}

/** A seed runs after each start, so it makes only the accounts that are missing. */
export const seedAccounts = ({ get }: SeedContext): Promise<void> =>
  get(DevelopmentAccounts).seed();
