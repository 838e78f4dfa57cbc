import process from 'node:process';
import { runProcess } from '@waybill/resilience/process';
import { carriersConfig } from './carriers.config.ts';
import { startCarriers } from './start.ts';

void runProcess('carriers', async () => {
  const carriers = await startCarriers(carriersConfig());
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);
  return carriers;
});
