/** The job that runs before the services of a release: it prepares users, databases, migrations, topics, exchanges and queues. */
import process from 'node:process';
import { InvalidConfig, isDeployed, readSettings, republish } from '@waybill/service';
import { admitUsers } from './admit-users.ts';
import { definitions } from './definitions.ts';
import { deploymentProblems } from './deployment-problems.ts';
import { givenEnvironment } from './environment.config.ts';
import { Environments, noServersHere } from './environments.ts';
import { jobConfig, prepareConfig } from './prepare.config.ts';
import { prepare } from './prepare.ts';
import { Waiting } from './waiting.ts';

const say = (line: string): void => console.log(`prepare: ${line}`);

async function run(): Promise<void> {
  const env = givenEnvironment();
  const brokers = env['BROKERS'] || 'mixed';
  const environments = new Environments(env, noServersHere, brokers);
  const problems = isDeployed(env) ? deploymentProblems(env) : [];
  if (problems.length > 0) throw new InvalidConfig('waybill', problems);
  const [{ managementUrl, users }, { patienceMs, republishMs }] = readSettings('prepare', env, [
    prepareConfig,
    jobConfig,
  ]);
  const waiting = new Waiting(say, undefined, patienceMs);
  if (users) await admitUsers(env, managementUrl, users, waiting);
  await prepare(environments, say, waiting);
  if (republishMs !== null) await republishAll(environments, republishMs);
}

async function republishAll(environments: Environments, lastMs: number): Promise<void> {
  for (const each of definitions) {
    const count = await republish(each, environments.of(each.name), lastMs);
    say(`${each.name}: ${count} messages are published again`);
  }
}

run().catch((error: Error) => {
  console.error(`prepare: ${error.message}`);
  process.exitCode = 1;
});
