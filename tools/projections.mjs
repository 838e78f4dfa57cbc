/**
 * `npm run projections -- list|rebuild`: the projections of every service, over the API of a running system. Plain Node; needs
 * no build.
 */
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answerFrom, Refused, runCommand } from './operator-api.mjs';

const usage = `npm run projections -- <command>

  list             every projection, with how far it is behind its events
  rebuild NAME     builds it from the first event while it serves, and shows the progress until it is done

  where:  --url http://127.0.0.1:8080 (or WAYBILL_URL; default: the system that runs on WAYBILL_DATA)
  who:    WAYBILL_TOKEN, or WAYBILL_EMAIL and WAYBILL_PASSWORD (default: the operator of the development issuer)`;

const options = { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } };
const lookEvery = 500;

await runCommand(async () => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command, name, ...rest] = positionals;
  if (values.help || !command || rest.length > 0) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const run = { list, rebuild }[command];
  if (!run) throw new Refused(`There is no command "${command}".\n\n${usage}`);
  await run(values.url, name);
});

async function list(url) {
  const { items, missing } = await answerFrom(url, 'GET', '/projections');
  for (const { name, service, generation, position, head, lagMs, jobId } of items) {
    const building = jobId ? `, ${jobId} builds the next` : '';
    console.log(
      `${name} of ${service}: ${position} of ${head} events, ${lagMs} ms behind, generation ${generation}${building}`,
    );
  }
  if (missing.length > 0) throw new Refused(`no answer from ${missing.join(', ')}`);
}

async function rebuild(url, name) {
  if (!name) throw new Refused('Say which projection: its name stands in the list.');
  let job = await answerFrom(url, 'POST', `/projections/${encodeURIComponent(name)}/rebuild`);
  console.log(`${name} is built again by ${job.id}`);
  while (job.state === 'running') {
    await pause(lookEvery);
    job = await answerFrom(url, 'GET', `/jobs/${encodeURIComponent(job.id)}`);
    console.log(`${Math.floor(job.progress * 100)} %`);
  }
}
