import { type Contract, type Envelope, readData } from '@waybill/message';
import type { Made } from './broker.ts';

/**
 * The data of a message as `contract` reads them; throws `InvalidMessage`. What the same contract has made in this
 * process is not read again.
 */
export const dataFor = (contract: Contract, envelope: Envelope, made: Made | undefined): unknown =>
  made?.contract === contract ? envelope.data : readData(contract, envelope.version, envelope.data);
