import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from '@jest/globals';
import { DataFolder, UnusableDataFolder } from './data-folder.ts';
import { openLocalBroker } from './local-broker.ts';

it('the broker of a system has its log in the data folder, which no second system may use', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-broker-')));
  const data = await DataFolder.open(home);
  // As if somebody had removed the lock.
  data.release();
  const options = {
    bounds: { mostBytes: 8_388_608, mostAgeMs: 86_400_000 },
    faults: undefined,
    onTrouble: () => undefined,
  };
  const { broker, log } = await openLocalBroker(data, options);
  expect(broker.guarantees.replayable).toBe(true);
  const second = openLocalBroker(await DataFolder.open(home), options);
  await expect(second).rejects.toThrow(UnusableDataFolder);
  await expect(second).rejects.toThrow(`${home} is in use by process ${process.pid}`);
  await broker.close();
  await log.close();
  rmSync(home, { recursive: true });
});
