export { type Binaries, findBinaries } from './binaries.ts';
export { ForeignDataFolder, readPassword } from './data-folder.ts';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
export { freePort, PortInUse } from './free-port.ts';
export { give } from './owner.ts';
export { type Postmaster, runningPostmaster } from './postmaster.ts';
export { commandAs, type ServerUser, serverUser } from './server-user.js';
