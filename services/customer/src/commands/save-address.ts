import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Address, newId } from '@waybill/contracts';
import type { Trace } from '@waybill/observability';
import type { BookedAddress } from '../domain/account.events.ts';
import { PersonalData } from '../personal-data.ts';
import { AccountWriter } from './account-writer.ts';

/** A customer adds an address to the address book, or replaces the one with an id. */
export class SaveAddress extends Command<Pick<BookedAddress, 'id'>> {
  constructor(
    readonly customerId: string,
    readonly address: Address,
    readonly addressId: string | null,
    readonly trace: Trace,
  ) {
    super();
  }
}

@CommandHandler(SaveAddress)
export class SaveAddressHandler implements ICommandHandler<SaveAddress> {
  constructor(
    private readonly personal: PersonalData,
    private readonly accounts: AccountWriter,
  ) {}

  async execute({ customerId, address, addressId, trace }: SaveAddress) {
    const encrypt = await this.personal.encryptFor(customerId);
    const entry = { id: addressId ?? newId(), address: encrypt(address) };
    const type = addressId === null ? 'add-address' : 'change-address';
    await this.accounts.change(customerId, { type, entry }, trace);
    return { id: entry.id };
  }
}
