import { gatewayProblems } from '@waybill/gateway';
import {
  type Environment,
  plaintextProblems,
  serviceProblems,
  settingProblems,
  settingsOf,
} from '@waybill/service';
import { definitions } from './definitions.ts';
import { Environments, noServersHere } from './environments.ts';
import { jobConfig, prepareConfig } from './prepare.config.ts';

/**
 * The problems in the settings of a whole deployed system, one line each: of the job that prepares it, of the gateway and of all
 * services, as far as the environment of the job names their settings.
 */
export function deploymentProblems(env: Environment): readonly string[] {
  const environments = new Environments(env, noServersHere, env['BROKERS'] || 'mixed');
  const problems = [
    ...settingProblems(env, [prepareConfig, jobConfig]),
    ...plaintextProblems(env, settingsOf(prepareConfig)),
    ...gatewayProblems(env),
    ...definitions.flatMap((each) => serviceProblems(each, environments.of(each.name))),
  ];
  return [...new Set(problems)];
}
