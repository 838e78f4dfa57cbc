/** `npm run services`: runs every service as its own process. */
import process from 'node:process';
import { Misuse, parseCommand } from './arguments.ts';
import { givenEnvironment } from './environment.config.ts';
import { perform } from './perform.ts';

async function run(): Promise<void> {
  try {
    process.exitCode = await perform(parseCommand(process.argv.slice(2), givenEnvironment()));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = error instanceof Misuse ? 2 : 1;
  }
}

void run();
