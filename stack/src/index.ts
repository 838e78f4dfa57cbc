export type { ServerState, ServerStatus, UpOptions } from './managed-server.ts';
export { type Installer, type Missing, sayMissing } from './missing.ts';
export { canInstall, installerHere } from './packages.ts';
export { end, isRunning, type ProcessRecord, recordOf, signalTo } from './process-record.ts';
export { isServerName, type ServerName, serverNames } from './server-name.ts';
export { type Selection, select, serversOf } from './spec-servers.ts';
export { defaultFolder, openStack, Stack, type Trouble } from './stack.ts';
export { inColumns } from './status-table.ts';
export { type TemporaryStack, temporaryStack } from './temporary-stack.ts';
