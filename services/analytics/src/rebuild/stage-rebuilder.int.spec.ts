import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { embeddedBroker, MessageLog } from '@waybill/embedded-broker';
import { stageRebuildTests } from '../testing/stage-rebuild.tests.ts';

describe('on the embedded broker with a log, an operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-stages-'));
  let log: MessageLog | undefined;
  stageRebuildTests(async () => {
    log = await MessageLog.open({ folder });
    return embeddedBroker({ log });
  });
  afterAll(async () => {
    await log?.close();
    rmSync(folder, { recursive: true });
  });
});
