import type { Address } from '@waybill/contracts';
import type { FieldCipher } from '@waybill/encryption';
import type { StoredAddress } from '../domain/shipment.ts';

/** The address of a parcel, or undefined once its customer is erased. */
export const plainAddress = async (
  cipher: FieldCipher,
  stored: StoredAddress,
): Promise<Address | undefined> =>
  'encrypted' in stored ? cipher.decrypt<Address>(stored.encrypted) : stored;
