import { Injectable } from '@nestjs/common';
import { FindAccount } from '@waybill/contracts';
import { answers, Handles } from '@waybill/messaging';
import { AccountRepository } from '../storage/account.repository.ts';

/** Answers requests of other services in this process whether there is an account. */
@Injectable()
export class AccountResponder {
  constructor(private readonly accounts: AccountRepository) {}

  @Handles()
  find() {
    return answers(FindAccount, ({ customerId }) => this.accounts.status(customerId));
  }
}
