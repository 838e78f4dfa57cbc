export { type Binaries, findBinaries } from './binaries.ts';
export { ForeignDataFolder, readPassword } from './data-folder.ts';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
export { freePort, PortInUse } from './free-port.ts';
export { type Postmaster, runningPostmaster } from './postmaster.ts';
export { closedFolder, type SystemUser, serverUser } from './system-user.ts';
