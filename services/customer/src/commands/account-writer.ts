import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Message } from '@waybill/contracts';
import { Overloaded, type SubmitOptions, Submitter } from '@waybill/messaging';
import type { AccountChange } from '../domain/account.decisions.ts';
import type { Account } from '../domain/account.ts';
import { ChangeAccount, type ChangeAccountData } from '../messages/account.local.ts';

const attempts = 30;
/** Milliseconds. */
const tryAgainAfter = 100;

/** Submits changes of accounts to the batches; each resolves, after its commit, with the account after it. */
@Injectable()
export class AccountWriter {
  constructor(private readonly submitter: Submitter) {}

  change(
    customerId: string,
    change: AccountChange,
    trace: SubmitOptions,
    emailHashes?: ChangeAccountData['emailHashes'],
  ): Promise<Account> {
    const hashes = emailHashes ? { emailHashes } : {};
    return this.submit(ChangeAccount({ customerId, change, ...hashes }), trace);
  }

  /** Waits while the queue is full: many passwords that are hashed at once delay the batches for a moment. */
  async submit(message: Message, trace: SubmitOptions): Promise<Account> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.submitter.submit<Account>(message, trace);
      } catch (error) {
        if (!(error instanceof Overloaded) || attempt === attempts) throw error;
        await pause(tryAgainAfter);
      }
    }
  }
}
