import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { isPassword, unknownPasswordHash } from '@waybill/http';
import { Repository } from 'typeorm';
import type { AccountRole } from '../domain/account.events.ts';
import type { Account, AccountStatus } from '../domain/account.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountEntity, CredentialEntity, EmailOwnerEntity } from './customer.entities.ts';

/** Who signs in, with what a token says of them. */
export interface AccountHolder {
  readonly customerId: string;
  readonly status: AccountStatus;
  readonly roles: readonly AccountRole[];
  readonly email: string;
  readonly name: string;
}

/** Finds accounts by e-mail address and password. */
@Injectable()
export class Credentials {
  constructor(
    @InjectRepository(EmailOwnerEntity) private readonly owners: Repository<EmailOwnerEntity>,
    @InjectRepository(AccountEntity) private readonly accounts: Repository<AccountEntity>,
    @InjectRepository(CredentialEntity) private readonly passwords: Repository<CredentialEntity>,
    private readonly personal: PersonalData,
  ) {}

  /** The account with an e-mail address, however its letters are capitalized. */
  async find(email: string): Promise<Account | undefined> {
    const owner = await this.owners.findOneBy({ emailHash: await this.personal.hashOf(email) });
    if (!owner?.customerId) return undefined;
    return (await this.accounts.findOneBy({ id: owner.customerId })) ?? undefined;
  }

  /** Null when e-mail or password is wrong, after about the same time in every case. An inactive account is found. */
  async verify(email: string, password: string): Promise<AccountHolder | null> {
    const account = await this.find(email);
    const found = account && (await this.passwords.findOneBy({ customerId: account.id }));
    const isRight = await isPassword(password, found?.passwordHash ?? unknownPasswordHash);
    return account && found && isRight ? this.holderOf(account) : null;
  }

  /** The holder of an account as it is now; undefined when there is none. */
  async holder(customerId: string): Promise<AccountHolder | undefined> {
    const account = await this.accounts.findOneBy({ id: customerId });
    return account ? this.holderOf(account) : undefined;
  }

  private async holderOf({ id, status, roles, email, name }: Account): Promise<AccountHolder> {
    const plain = async (value: Account['email']): Promise<string> =>
      (value && (await this.personal.decrypt(value))) ?? '';
    return {
      customerId: id,
      status,
      roles,
      email: await plain(email),
      name: await plain(name),
    };
  }
}
