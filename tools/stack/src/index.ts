export { type Certificates, certificatesIn } from './certificates.ts';
export type { ServerState, ServerStatus, UpOptions } from './managed-server.ts';
export { type Installer, type Missing, sayMissing } from './missing.ts';
export { canInstall, installerHere } from './packages.ts';
export { type IamPolicy, iamPolicyOf } from './permissions/iam-policies.ts';
export { admitToKafka } from './permissions/kafka-acl.ts';
export { furnishDatabases } from './permissions/postgres-roles.ts';
export { admitToRabbitmq } from './permissions/rabbitmq-users.ts';
export { admitToRedis } from './permissions/redis-acl.ts';
export { parsePorts } from './port.ts';
export { processOn } from './port-holder.ts';
export { isServerName, type ServerName, serverNames } from './server-name.ts';
export { type Selection, select, serversOf } from './spec-servers.ts';
export { defaultFolder, openStack, Stack, type Trouble } from './stack.ts';
export { inColumns } from './status-table.ts';
export { type TemporaryStack, temporaryStack } from './temporary-stack.ts';
export {
  installPrograms,
  missingPrograms,
  type TestProgram,
  testProgram,
  testProgramsOf,
} from './test-programs.ts';
export { type Users, usersWith } from './users.ts';
