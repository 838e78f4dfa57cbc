import { type EmbeddedBroker, embeddedBroker, MessageLog } from '@waybill/embedded-broker';
import { FolderInUse } from '@waybill/local-files';
import type { LogBounds } from '@waybill/service';
import type { AllInOneConfig } from './all-in-one.config.ts';
import { type DataFolder, inUse } from './data-folder.ts';

/** Milliseconds: messages with a waiting caller go before notifications. */
const courtesy = { linger: 20, longest: 150 };

/** What the broker of a system needs, besides its data folder. */
export interface LocalBrokerOptions {
  readonly bounds: LogBounds;
  readonly faults: AllInOneConfig['brokerFaults'];
  readonly onTrouble: (what: string, error: Error) => void;
}

/** The broker of all services, with a log in the data folder. Close the log after the broker. */
export async function openLocalBroker(
  data: DataFolder,
  { bounds, faults, onTrouble }: LocalBrokerOptions,
): Promise<{ readonly broker: EmbeddedBroker; readonly log: MessageLog }> {
  const log = await MessageLog.open({ ...bounds, folder: data.file('messages'), onTrouble }).catch(
    (error: unknown) => {
      throw error instanceof FolderInUse ? inUse(data.path, error.pid) : error;
    },
  );
  return { log, broker: embeddedBroker({ courtesy, log, ...(faults ? { faults } : {}) }) };
}
