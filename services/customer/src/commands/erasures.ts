import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Scheduled } from '@waybill/service';
import { ErasedRows } from '../storage/erased-rows.ts';
import { EraseCustomer } from './erase-customer.ts';

/** Milliseconds. */
const minute = 60_000;

/** Completes erasures that a crash interrupted, and those of sessions that began meanwhile. */
@Injectable()
export class Erasures {
  constructor(
    private readonly rows: ErasedRows,
    private readonly commands: CommandBus,
  ) {}

  @Scheduled({ name: 'erasures', every: () => minute })
  async complete(): Promise<void> {
    for (const id of await this.rows.unfinished())
      await this.commands.execute(new EraseCustomer(id, {}));
  }
}
