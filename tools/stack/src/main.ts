/** `npm run stack`: runs the project's servers on this machine, without containers. */
import process from 'node:process';
import { Misuse, parseCommand } from './arguments.ts';
import { perform } from './perform.ts';

try {
  process.exitCode = await perform(parseCommand(process.argv.slice(2), process.env));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
