import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { launch } from '../launch.ts';
import type { Server } from './server.ts';

const region = 'eu-central-1';
const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
// Plain Node runs it, so this is always the build, even when this module runs from source.
const script = join(project, 'dist', 'servers', 'sns-sqs-process.js');
const logFile = (folder: string): string => join(folder, 'sns-sqs.log');

/** The emulator fauxqs: SNS, SQS and S3 at one address. All data are in memory, so a restart removes them. */
export const snsSqs: Server = {
  name: 'sns-sqs',
  ports: { main: 7566 },
  ending: [
    ['SIGTERM', 5_000],
    ['SIGKILL', 5_000],
  ],
  missing: () => undefined,
  async version() {
    const manifest = readFileSync(join(project, 'package.json'), 'utf8');
    const { devDependencies } = JSON.parse(manifest) as { devDependencies: { fauxqs: string } };
    return `fauxqs ${devDependencies.fauxqs}`;
  },
  async start({ folder, ports }, started) {
    const pid = await launch({
      command: process.execPath,
      args: [script, String(ports['main']), region],
      cwd: folder,
      log: logFile(folder),
    });
    started('main', pid);
  },
  async answers({ ports }) {
    const answer = await fetch(`http://127.0.0.1:${ports['main']}/health`, {
      signal: AbortSignal.timeout(1_500),
    });
    return answer.ok;
  },
  logFile,
  // The emulator checks no credentials; a service is identified only by its name.
  environment: ({ ports }, service) => ({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${ports['main']}`,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: service ?? 'waybill',
    AWS_SECRET_ACCESS_KEY: 'waybill',
  }),
  url: ({ ports }) => `http://127.0.0.1:${ports['main']}`,
};
