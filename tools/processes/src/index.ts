export { type Command, Misuse, parseCommand } from './arguments.ts';
export { definitions } from './definitions.ts';
export { deploymentProblems } from './deployment-problems.ts';
export { Environments, noServersHere, type ServersHere } from './environments.ts';
export { type Planned, planOf } from './plan.ts';
export { jobConfig, prepareConfig } from './prepare.config.ts';
export { programOf } from './program.ts';
export { RunFolder, type RunRecord, type SystemRecord } from './run-folder.ts';
export { Supervisor } from './supervisor.ts';
